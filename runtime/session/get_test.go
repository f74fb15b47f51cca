package session_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestFromContextIsGetWithoutARequest(t *testing.T) {
	s := newLab(t)
	s.serve(s.known(), func(_ http.ResponseWriter, r *http.Request, x *fixture.Session) {
		if again, err := s.sessions.FromContext(r.Context()); again != x || err != nil {
			t.Errorf("FromContext = %p, %v; want %p", again, err, x)
		}
	})
	if x, err := s.sessions.FromContext(t.Context()); x != nil || !errors.Is(err, session.ErrNoMiddleware) {
		t.Errorf("FromContext = %v, %v", x, err)
	}
}

func TestTheContextOfARequestShowsNothingOfItsSession(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.serve(g, func(_ http.ResponseWriter, r *http.Request, x *fixture.Session) {
		x.SetOTP("CANARY-0f3b")
		x.Renew()
		if err := x.Save(); err != nil { // by hand: the cookie is held back until the response begins
			t.Fatal(err)
		}
		child := context.WithValue(r.Context(), fixture.Session{}, 1)
		for name, v := range map[string]any{
			"it": r.Context(), "a child": child, "what has it": struct{ c context.Context }{r.Context()},
		} {
			out := everyText(v)
			for _, canary := range []string{"CANARY-0f3b", x.Meta().Token, g.token()} {
				if strings.Contains(out, canary) {
					t.Errorf("%s shows %s", name, canary)
				}
			}
		}
	})
}

func TestAChildOfARequestsContextIsCancelledAtOnce(t *testing.T) {
	s := newLab(t)
	s.sessions.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		parent, cancel := context.WithCancelCause(r.Context())
		inner := s.manager().Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			child, stop := context.WithTimeout(r.Context(), time.Hour)
			defer stop()
			cause := errors.New("cause")
			cancel(cause)
			// With a goroutine that waits for the parent, as contexts of a foreign kind need it, it would be so a moment later.
			if child.Err() == nil || context.Cause(child) != cause {
				t.Errorf("%v, %v", child.Err(), context.Cause(child))
			}
		}))
		inner.ServeHTTP(httptest.NewRecorder(), r.WithContext(parent))
	})).ServeHTTP(httptest.NewRecorder(), new(guest).request())
}

func TestMustReturnsTheSessionBehindRequireHandleAndGet(t *testing.T) {
	s := newLab(t)
	g := s.known()
	ran := 0
	must := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ran++
		if x := s.sessions.Must(r); x.Visits() != 1 {
			t.Errorf("%v", x)
		}
	})
	all := func(*fixture.Session) bool { return true }
	for _, h := range []http.Handler{
		s.sessions.Middleware(s.sessions.Require(all, http.NotFoundHandler())(must)),
		s.sessions.Handle(func(w http.ResponseWriter, r *http.Request, _ *fixture.Session) error {
			must(w, r)
			return nil
		}),
		s.sessions.Middleware(s.handler(func(w http.ResponseWriter, r *http.Request, _ *fixture.Session) { must(w, r) })),
	} {
		h.ServeHTTP(httptest.NewRecorder(), g.request())
	}
	if ran != 3 {
		t.Errorf("%d handlers ran", ran)
	}
}

func TestMustPanicsWithWhatIsMissing(t *testing.T) {
	s := newLab(t)
	g := s.known()
	panicOf := func(r *http.Request) (text string) {
		defer func() {
			p, _ := recover().(error)
			if p == nil {
				t.Fatal("Must did not panic with an error")
			}
			text = p.Error()
		}()
		s.sessions.Must(r)
		return ""
	}
	if p := panicOf(g.request()); !strings.Contains(p, "middleware") {
		t.Errorf("outside: %s", p)
	}
	s.sessions.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if p := panicOf(r); !strings.Contains(p, "not been loaded") || !strings.Contains(p, "Require") {
			t.Errorf("before a load: %s", p)
		}
		s.store.fail(always(errDown, get), nil)
		_, _ = s.sessions.Get(r)
		if p := panicOf(r); !strings.Contains(p, "could not be loaded") || !strings.Contains(p, "unavailable") ||
			strings.Contains(p, g.token()) {
			t.Errorf("after a load that failed: %s", p)
		}
	})).ServeHTTP(httptest.NewRecorder(), g.request())
}

func TestLoadAfterMiddlewareIsASessionOfItsOwn(t *testing.T) {
	s := newLab(t)
	var inner *http.Request
	s.serve(new(guest), func(_ http.ResponseWriter, r *http.Request, _ *fixture.Session) { inner = r })
	w := httptest.NewRecorder()
	x, err := s.sessions.Load(w, inner)
	if err != nil {
		t.Fatal(err)
	}
	x.AddVisits(1)
	if err := x.Save(); err != nil || !setsCookie(w.Header()) {
		t.Errorf("Save = %v; %v", err, w.Header())
	}
}
