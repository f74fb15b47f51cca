//go:build unix

package faults

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
)

// What a request may take. The stores' defaults are the same for both.
const (
	ioBudget    = memcached.DefaultIOBudget
	saveTimeout = time.Second // session.Config's default

	readBudget = 2 * ioBudget             // a Get and a Touch
	saveBudget = readBudget + saveTimeout // the same, then a Save
	heldBudget = saveTimeout              // a Save or a Destroy of a session that had been loaded before the fault
)

// An outcome is how a request ended, as far as the session goes.
type outcome string

const (
	served      outcome = "served"
	anonymous   outcome = "anonymous"  // served, as somebody without a session
	loggedOut   outcome = "logged out" // the same, after a logout that found a session and ended it
	unavailable outcome = "ErrUnavailable"
	unknown     outcome = "ErrUnavailable and ErrUnknown"
	unclear     outcome = "ErrUnknown" // the store has answered, but not whether this write is behind the later ones
	gone        outcome = "ErrGone"
	tooLarge    outcome = "ErrTooLarge"
	left        outcome = "left" // the client did not wait
)

// outcomeOf names an error by what errors.Is finds in it.
func outcomeOf(err error) outcome {
	switch {
	case err == nil:
		return served
	case errors.Is(err, session.ErrGone):
		return gone
	case errors.Is(err, session.ErrTooLarge):
		return tooLarge
	case errors.Is(err, session.ErrUnavailable) && errors.Is(err, session.ErrUnknown):
		return unknown
	case errors.Is(err, session.ErrUnknown):
		return unclear
	case errors.Is(err, session.ErrConflict):
		return "ErrConflict"
	case errors.Is(err, session.ErrUnavailable):
		return unavailable
	}
	return "an error without a type"
}

// A site is handlers with sessions behind real HTTP, in the process of the test.
type site struct {
	t *testing.T
	opener
	server  *httptest.Server
	handler atomic.Pointer[http.Handler]
	ahead   atomic.Int64 // how far the sessions' clock is ahead
	store   session.Store

	active   atomic.Int32 // requests under way
	loaded   atomic.Int32 // of these, those that hold a session
	release  chan struct{}
	released atomic.Int64 // when, in Unix nanoseconds

	saving chan struct{} // closed when the one whose client leaves goes to the store
	unseen chan ending   // of that one

	reads, saves, held servertest.Longest
}

// An ending is how a request ended whose client had left.
type ending struct {
	outcome outcome
	took    time.Duration // since its release
	alone   bool          // the client left before the store was done
}

func newSite(t *testing.T, o opener) *site {
	t.Helper()
	s := &site{t: t, opener: o, release: make(chan struct{}), saving: make(chan struct{}), unseen: make(chan ending, 1)}
	s.start()
	s.server = httptest.NewServer(s)
	t.Cleanup(s.server.Close)
	return s
}

// start makes what a process makes when it starts: a store and a manager.
func (s *site) start() {
	s.t.Helper()
	s.store = s.open(s.t)
	m, err := fixture.NewSessions(s.store, session.Config{
		Secrets: [][]byte{fixture.Secret("s")}, SaveTimeout: s.saveTimeout,
		Cookie:  session.Cookie{Insecure: true},
		Logger:  slog.New(slog.DiscardHandler),
		Now:     func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) },
		OnError: s.fail,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/load", func(w http.ResponseWriter, r *http.Request) {
		x, err := m.Load(w, r)
		if err == nil {
			err = s.change(w, x, r)
		}
		if err == nil && r.FormValue("leave") != "" {
			s.saveAlone(x, r)
			return
		}
		if err == nil {
			err = x.Save()
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		show(w, x)
	})
	mux.Handle("/middleware", m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x, err := m.Get(r)
		if err == nil {
			err = s.change(w, x, r)
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		show(w, x)
	})))
	var h http.Handler = mux
	s.handler.Store(&h)
}

// saveAlone saves for a client that leaves meanwhile. There is no answer before it has left.
func (s *site) saveAlone(x *fixture.Session, r *http.Request) {
	close(s.saving)
	err := x.Save()
	e := ending{outcomeOf(err), time.Since(time.Unix(0, s.released.Load())), r.Context().Err() != nil}
	select {
	case <-r.Context().Done():
	case <-time.After(servertest.Noisy * heldBudget):
		s.t.Error("the client that was to leave is still there")
	}
	s.unseen <- e
}

// idle waits until no request is under way, but for those that hold a session.
func (s *site) idle() {
	s.t.Helper()
	servertest.Eventually(s.t, "all handlers have ended", func() bool { return s.active.Load() == s.loaded.Load() })
}

// touchesAreDue moves the clock, so that each session's next load has to slide its expiry.
func (s *site) touchesAreDue() { s.ahead.Add(int64(4 * time.Minute)) }

// change does what the request asks for.
func (s *site) change(w http.ResponseWriter, x *fixture.Session, r *http.Request) error {
	if r.FormValue("hold") != "" {
		s.loaded.Add(1)
		<-s.release
	}
	if r.Method != http.MethodPost {
		return nil
	}
	if r.FormValue("logout") != "" {
		w.Header().Set("Goodbye", x.UserName()) // also where it fails: who was to be logged out
		return x.Destroy()
	}
	if name := r.FormValue("name"); name != "" {
		x.SetUserName(name)
		x.PutPrefs("badge", badge(name))
	} else {
		x.AddVisits(1)
	}
	if n, _ := strconv.Atoi(r.FormValue("bulk")); n > 0 {
		x.PutPrefs("bulk", strings.Repeat("x", n))
	}
	return nil
}

func badge(name string) string { return "badge of " + name }

func show(w http.ResponseWriter, x *fixture.Session) {
	badge, _ := x.LookupPrefs("badge")
	_, _ = fmt.Fprintf(w, "%s;%s;%d", x.UserName(), badge, x.Visits())
}

// fail answers with the outcome in a header, and with the status that is the default.
func (s *site) fail(w http.ResponseWriter, _ *http.Request, err error) {
	if strings.Contains(err.Error(), "badge") {
		s.t.Errorf("the error tells a session's value: %v", err)
	}
	o := outcomeOf(err)
	w.Header().Set("Outcome", string(o))
	status := http.StatusServiceUnavailable
	if o == tooLarge {
		status = http.StatusInternalServerError
	}
	http.Error(w, "sorry: "+err.Error(), status)
}

// ServeHTTP measures each request until its handler has ended, whether or not its client is still there.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.active.Add(1)
	defer s.active.Add(-1)
	start, slowest := time.Now(), &s.reads
	switch {
	case r.FormValue("hold") != "":
		slowest = &s.held
	case r.Method == http.MethodPost:
		slowest = &s.saves
	}
	defer func() {
		if p := recover(); p != nil {
			s.t.Errorf("panic: %v", p)
		}
		if slowest == &s.held {
			start = time.Unix(0, s.released.Load())
		}
		slowest.Observe(time.Since(start))
	}()
	(*s.handler.Load()).ServeHTTP(w, r)
}
