package session_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// Writers as frameworks have them, as far as they tell what has gone out.

type wrapper struct {
	http.ResponseWriter
	status int
	size   int
}

func (w *wrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }
func (w *wrapper) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *wrapper) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.size += n
	return n, err
}

// A ginWriter has a status before anything is written, and a size of -1.
type ginWriter struct{ *wrapper }

func newGinWriter(w http.ResponseWriter) ginWriter {
	return ginWriter{&wrapper{ResponseWriter: w, status: 200, size: -1}}
}
func (w ginWriter) Written() bool { return w.size >= 0 }
func (w ginWriter) Size() int     { return w.size }
func (w ginWriter) Status() int   { return w.status }
func (w ginWriter) Write(b []byte) (int, error) {
	if w.size < 0 {
		w.size = 0
		w.ResponseWriter.WriteHeader(w.status)
	}
	return w.wrapper.Write(b)
}

// A negroniWriter has a pending status before it is written.
type negroniWriter struct {
	*wrapper
	pending int
}

func (w negroniWriter) Written() bool { return w.status != 0 }
func (w negroniWriter) Size() int     { return w.size }
func (w negroniWriter) Status() int   { return max(w.pending, w.status) }

// An echoWriter tells by its fields.
type echoWriter struct {
	http.ResponseWriter
	Status    int
	Committed bool
	before    []func()
}

func (w *echoWriter) Before(f func()) { w.before = append(w.before, f) }

func (w *echoWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
func (w *echoWriter) WriteHeader(status int) {
	w.Status = status
	for _, f := range w.before {
		f()
	}
	w.ResponseWriter.WriteHeader(status)
	w.Committed = true
}

// A chiWriter has no status before it is written.
type chiWriter struct{ *wrapper }

func (w chiWriter) Status() int { return w.status }

type sizeWriter struct{ *wrapper }

func (w sizeWriter) Size() int { return w.size }

func wrapped(w http.ResponseWriter) *wrapper { return &wrapper{ResponseWriter: w} }

func TestSaveByHandIsLateWhereAWriterSaysThatTheHeaderHasGoneOut(t *testing.T) {
	writeHeader := func(w http.ResponseWriter) { w.WriteHeader(http.StatusAccepted) }
	write := func(w http.ResponseWriter) { _, _ = io.WriteString(w, "hi") }
	for name, c := range map[string]struct {
		wrap func(http.ResponseWriter) http.ResponseWriter
		send func(http.ResponseWriter)
		late bool
	}{
		"gin":     {func(w http.ResponseWriter) http.ResponseWriter { return newGinWriter(w) }, write, true},
		"negroni": {func(w http.ResponseWriter) http.ResponseWriter { return negroniWriter{wrapped(w), 404} }, writeHeader, true},
		"echo": {func(w http.ResponseWriter) http.ResponseWriter {
			return &echoWriter{ResponseWriter: w, Status: 200}
		}, writeHeader, true},
		"chi":      {func(w http.ResponseWriter) http.ResponseWriter { return chiWriter{wrapped(w)} }, writeHeader, true},
		"its size": {func(w http.ResponseWriter) http.ResponseWriter { return sizeWriter{wrapped(w)} }, write, true},
		"a status that was there before": {func(w http.ResponseWriter) http.ResponseWriter {
			return chiWriter{&wrapper{ResponseWriter: w, status: 200}}
		}, func(http.ResponseWriter) {}, false},
		"below another": {func(w http.ResponseWriter) http.ResponseWriter { return wrapped(newGinWriter(w)) }, write, true},
		"the server's":  {func(w http.ResponseWriter) http.ResponseWriter { return w }, write, false}, // cannot be asked
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			w := c.wrap(httptest.NewRecorder())
			x, err := s.sessions.Load(w, g.request())
			if err != nil {
				t.Fatal(err)
			}
			x.SetUserID(7)
			if err := x.Save(); err != nil {
				t.Errorf("before: %v", err)
			}
			id := x.Meta().ID
			x.Renew()
			c.send(w)
			err = x.Save()
			if errors.Is(err, session.ErrLateSave) != c.late || c.late == (x.Meta().ID != id) {
				t.Errorf("after: %v, the id has changed: %t", err, x.Meta().ID != id)
			}
			if err := x.Destroy(); errors.Is(err, session.ErrLateSave) != c.late {
				t.Errorf("Destroy = %v", err)
			}
		})
	}
}

func TestALateSaveByHandThatNeedsNoCookieWorks(t *testing.T) {
	s := newLab(t)
	g := s.known()
	w := newGinWriter(httptest.NewRecorder())
	x, err := s.sessions.Load(w, g.request())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, "hi")
	x.AddVisits(1)
	if err := x.Save(); err != nil || s.fields(g).Visits != 2 {
		t.Errorf("Save = %v", err)
	}
}

// gin people write: c.Request = r; c.Next(), and the handlers go on with the framework's own writer.
func TestAResponseThatGoesRoundTheWriterIsNotLostWithoutAWord(t *testing.T) {
	s := newLab(t)
	round := func(g *guest, f handle) *http.Response {
		w := httptest.NewRecorder()
		own := newGinWriter(w)
		s.sessions.Middleware(s.handler(func(_ http.ResponseWriter, r *http.Request, x *fixture.Session) {
			f(own, r, x)
		})).ServeHTTP(own, g.request())
		g.keep(w.Result())
		return w.Result()
	}
	for range 2 {
		g := new(guest)
		resp := round(g, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
			x.AddVisits(1)
			_, _ = io.WriteString(w, "hi")
		})
		if text(resp) != "hi" || setsCookie(resp.Header) || s.store.size() != 0 {
			t.Errorf("%v, %d records", resp, s.store.size())
		}
	}
	log := s.logs.String()
	if strings.Count(log, "level=WARN") != 1 || !strings.Contains(log, "Manager.Do") || strings.Count(log, "too late") != 2 {
		t.Errorf("logged: %s", log)
	}

	g := s.known()
	round(g, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		_, _ = io.WriteString(w, "hi")
		x.AddVisits(1)
	})
	if got := s.fields(g).Visits; got != 2 {
		t.Errorf("%d visits: what needs no cookie is saved", got)
	}
	round(g, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		x.AddVisits(1)
		w.(ginWriter).status = http.StatusInternalServerError
		_, _ = io.WriteString(w, "sorry")
	})
	if got := s.fields(g).Visits; got != 2 {
		t.Errorf("%d visits: nothing is saved with an error of the server", got)
	}
}

// fiber's adaptor.HTTPMiddleware runs the handlers when the middleware has returned.
func TestASessionThatIsAskedForAfterItsMiddlewareIsWarnedOf(t *testing.T) {
	s := newLab(t)
	g := s.known()
	var inner *http.Request
	for range 2 {
		s.sessions.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { inner = r })).
			ServeHTTP(httptest.NewRecorder(), g.request())
		x, err := s.sessions.Get(inner)
		if err != nil || x.Visits() != 1 {
			t.Fatalf("Get = %v, %v", x, err)
		}
	}
	if log := s.logs.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, "level=WARN") || !strings.Contains(log, "Manager.Do") {
		t.Errorf("logged: %s", log)
	}
}

// echo's WrapMiddleware leaves errors to a handler outside, which writes when the middleware has returned.
func TestAFailureThatIsAnsweredAfterMiddlewareHasSavedIsWarnedOf(t *testing.T) {
	s := newLab(t)
	serve := func(g *guest, change func(*fixture.Session), status int) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		var kept http.ResponseWriter
		s.sessions.Middleware(s.handler(func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
			kept = w
			change(x)
		})).ServeHTTP(w, g.request())
		http.Error(kept, "sorry", status)
		return w
	}
	serve(s.known(), func(*fixture.Session) {}, 500)
	serve(s.known(), func(x *fixture.Session) { x.AddVisits(1) }, 404)
	if log := s.logs.String(); log != "" {
		t.Errorf("logged: %s", log)
	}
	for range 2 {
		if w := serve(s.known(), func(x *fixture.Session) { x.AddVisits(1) }, 500); w.Code != 500 || w.Body.String() != "sorry\n" {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if log := s.logs.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, "level=WARN") || !strings.Contains(log, "Manager.Do") {
		t.Errorf("logged: %s", log)
	}
}

// echo's Gzip and BodyDump, outside of WrapMiddleware, have taken their writer away when echo answers the error.
func TestAFailureThatIsAnsweredPastTheWriterIsWarnedOf(t *testing.T) {
	s := newLab(t)
	serve := func(change func(*fixture.Session), status int) {
		below := &echoWriter{ResponseWriter: httptest.NewRecorder(), Status: 200}
		s.sessions.Middleware(s.handler(func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) {
			change(x)
		})).ServeHTTP(wrapped(below), s.known().request())
		below.WriteHeader(status)
	}
	serve(func(*fixture.Session) {}, 500)
	serve(func(x *fixture.Session) { x.AddVisits(1) }, 404)
	serve(func(x *fixture.Session) { x.AddVisits(1) }, 200)
	if log := s.logs.String(); log != "" {
		t.Errorf("logged: %s", log)
	}
	for range 2 {
		serve(func(x *fixture.Session) { x.AddVisits(1) }, 500)
	}
	log := s.logs.String()
	if strings.Count(log, "\n") != 1 || !strings.Contains(log, "level=WARN") || !strings.Contains(log, "Manager.Do") {
		t.Errorf("logged: %s", log)
	}
}

// With Do whoever gave the writer answers, and knows what has failed.
func TestDoOverhearsNothing(t *testing.T) {
	s := newLab(t)
	w := &echoWriter{ResponseWriter: httptest.NewRecorder(), Status: 200}
	err := s.sessions.Do(w, s.known().request(), func(_ http.ResponseWriter, r *http.Request) error {
		x, err := s.sessions.Get(r)
		x.AddVisits(1)
		return err
	})
	w.WriteHeader(500)
	if err != nil || len(w.before) != 0 || s.logs.String() != "" {
		t.Errorf("%v, logged: %s", err, s.logs.String())
	}
}

// fiber's handlers find what a handler of net/http has put into the context, when adaptor.HTTPMiddleware has returned.
func TestASessionThatIsChangedAfterItsMiddlewareIsWarnedOf(t *testing.T) {
	for name, change := range map[string]func(*fixture.Session){
		"set":    func(x *fixture.Session) { x.SetUserName("Ann") },
		"clear":  (*fixture.Session).ClearVisits,
		"add":    func(x *fixture.Session) { x.AddVisits(1) },
		"append": func(x *fixture.Session) { x.AppendCart(fixture.Item{}) },
		"put":    func(x *fixture.Session) { x.PutPrefs("theme", "dark") },
		"delete": func(x *fixture.Session) { x.DeletePrefs("theme") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			for range 2 {
				var kept *fixture.Session
				s.serve(s.known(), func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) {
					change(x)
					kept = x
				})
				change(kept)
				change(kept)
			}
			log := s.logs.String()
			if strings.Count(log, "\n") != 1 || !strings.Contains(log, "level=WARN") || !strings.Contains(log, "Manager.Do") {
				t.Errorf("logged: %s", log)
			}
		})
	}
}
