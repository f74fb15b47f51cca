package sessiontest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/sessiontest"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

func TestInsideIsARequestAsWithinMiddleware(t *testing.T) {
	sessions := manager(t, memory.New(), "s")
	r := sessiontest.Inside(t, sessions, get("/"), named("Ann"))
	s := sessions.Must(r)
	if got, err := sessions.Get(r); got != s || err != nil {
		t.Errorf("Get = %p, %v; Must = %p", got, err, s)
	}
	if got, err := sessions.FromContext(r.Context()); got != s || err != nil {
		t.Errorf("FromContext = %p, %v; Must = %p", got, err, s)
	}
	if s.UserName() != "Ann" || s.Meta().New {
		t.Errorf("%v, %v", s, s.Meta())
	}
	if s := sessions.Must(sessiontest.Inside(t, sessions, get("/"), nil)); !s.Meta().New {
		t.Errorf("without fields: %v", s)
	}
}

func TestInsideOfARequestThatIsInsideHasItsFields(t *testing.T) {
	sessions, others := manager(t, memory.New(), "s"), manager(t, memory.New(), "o")
	first := sessiontest.Inside(t, sessions, get("/"), named("Ann"))
	both := sessiontest.Inside(t, others, first, named("Bob"))
	r := sessiontest.Inside(t, sessions, both, func(s *fixture.Session) { s.AddVisits(2) })
	if s := sessions.Must(r); s.UserName() != "Ann" || s.Visits() != 3 || s == sessions.Must(first) {
		t.Errorf("%v", s)
	}
	if s := others.Must(r); s.UserName() != "Bob" || s != others.Must(both) {
		t.Errorf("the other manager's is %v", s)
	}
}

func TestARequestThatWasInsideIsServedAnew(t *testing.T) {
	sessions := manager(t, memory.New(), "s")
	r := sessiontest.Inside(t, sessions, get("/"), named("Ann"))
	r = sessiontest.Request(t, sessions, r, func(s *fixture.Session) { s.AddVisits(2) })
	resp := serve(visits(sessions), r)
	if s := sessiontest.Read(t, sessions, resp); s.UserName() != "Ann" || s.Visits() != 4 {
		t.Errorf("%v", s)
	}
}

func TestWhatAHandlerChangesInsideIsReadBackAndNotSaved(t *testing.T) {
	sessions := manager(t, memory.New(), "s")
	alone := func(_ http.ResponseWriter, r *http.Request) { sessions.Must(r).AddVisits(1) }
	whole := sessions.Handle(func(w http.ResponseWriter, _ *http.Request, s *fixture.Session) error {
		s.AddVisits(1)
		_, err := io.WriteString(w, s.UserName())
		return err
	})
	for name, h := range map[string]http.Handler{
		"alone": http.HandlerFunc(alone), "Handle": whole, "Middleware": sessions.Middleware(http.HandlerFunc(alone)),
	} {
		t.Run(name, func(t *testing.T) {
			r := sessiontest.Inside(t, sessions, get("/"), named("Ann"))
			resp := serve(h, r)
			if s := sessions.Must(r); s.Visits() != 2 {
				t.Errorf("%v", s)
			}
			if s := sessiontest.Read(t, sessions, resp); s.Visits() != 1 || len(resp.Cookies()) != 0 {
				t.Errorf("it was saved: %v, %v", s, resp.Header)
			}
		})
	}
}

func TestASaveInsideWritesToTheStore(t *testing.T) {
	sessions := manager(t, memory.New(), "s")
	r := sessiontest.Inside(t, sessions, get("/"), named("Ann"))
	s := sessions.Must(r)
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	if s := sessiontest.Read(t, sessions, httptest.NewRecorder().Result()); s.Visits() != 2 {
		t.Errorf("the store has %v", s)
	}
	s.SetUserID(7)
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	if again, err := sessions.Open(t.Context(), s.Meta().Token); err != nil || again.UserID() != 7 {
		t.Errorf("after a login the store has %v, %v", again, err)
	}
}

func TestInsideOfAStoreThatIsDownEndsTheTest(t *testing.T) {
	r := sessiontest.Request(t, manager(t, memory.New(), "s"), get("/"), named("Ann"))
	inner := &recorder{TB: t, name: t.Name()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		sessiontest.Inside(inner, manager(t, broken{}, "s"), r, nil)
	}()
	<-done
	inner.end()
	if !strings.Contains(inner.fatal, "loading") {
		t.Errorf("%q", inner.fatal)
	}
}
