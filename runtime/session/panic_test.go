package session_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A trap panics at the call of that number from now on; 0: never.
type trap struct{ calls atomic.Int64 }

func (p *trap) step() {
	if p.calls.Load() > 0 && p.calls.Add(-1) == 0 {
		panic("sprung")
	}
}

type trapHandler struct {
	slog.Handler
	*trap
}

func (h trapHandler) Handle(ctx context.Context, r slog.Record) error {
	h.step()
	return h.Handler.Handle(ctx, r)
}

// Whatever panics, the clock, the logger or the store, at whatever call: the next use of the session neither hangs nor
// has it lost what was to be saved.
func TestASessionIsUsableAfterAPanicOfWhatItCalls(t *testing.T) {
	verbs := map[string]func(*fixture.Session){
		"Save":    func(x *fixture.Session) { _ = x.Save() },
		"login":   func(x *fixture.Session) { x.SetUserName("Bob"); _ = x.Save() },
		"Take":    func(x *fixture.Session) { x.TakeNotice() },
		"Count":   func(x *fixture.Session) { x.TakeNotice(); _, _ = x.CountVisits(1) },
		"Meta":    func(x *fixture.Session) { x.Meta() },
		"OTP":     func(x *fixture.Session) { x.SetOTP("1"); x.HasOTP(); x.OTP(); _ = x.String() },
		"Destroy": func(x *fixture.Session) { _ = x.Destroy() },
	}
	for what, arm := range map[string]func(*lab, *trap, *session.Config){
		"clock": func(s *lab, p *trap, c *session.Config) {
			now := c.Now
			c.Now = func() time.Time { p.step(); return now() }
		},
		"logger": func(s *lab, p *trap, c *session.Config) { c.Logger = slog.New(trapHandler{c.Logger.Handler(), p}) },
		"store":  func(s *lab, p *trap, c *session.Config) {},
	} {
		for name, verb := range verbs {
			for at := int64(1); at < 12; at++ {
				s, p := newLab(t), new(trap)
				if what == "store" {
					s.store.before = func(string, string) error { p.step(); return nil }
				}
				m := s.manager(func(c *session.Config) { arm(s, p, c) })
				g := s.known()
				x, err := m.Load(httptest.NewRecorder(), g.request())
				if err != nil {
					t.Fatal(err)
				}
				x.SetNotice("kept")
				x.AddVisits(1)
				p.calls.Store(at)
				sprung := panics(func() { verb(x) })
				p.calls.Store(0)
				if !sprung {
					break
				}
				done := make(chan error, 1)
				go func() { done <- x.Save() }()
				select {
				case err := <-done:
					got := s.fields(g)
					if name == "Count" && (err != nil || got.Visits < 2) {
						t.Errorf("the %s panicked at call %d of Count: then Save = %v, and stored is %+v", what, at, err, got)
					}
					if name == "Save" && (err != nil || got.Visits != 2 || got.Notice != "kept") {
						t.Errorf("the %s panicked at call %d: then Save = %v, and stored is %+v", what, at, err, got)
					}
				case <-time.After(time.Minute):
					t.Fatalf("%s, the %s panicked at call %d: the session is locked", name, what, at)
				}
			}
		}
	}
}

func panics(f func()) (p bool) {
	defer func() { p = recover() != nil }()
	f()
	return false
}

func TestARequestMayGetItsSessionAgainAfterAPanicInTheLoad(t *testing.T) {
	p := new(trap)
	s := newLab(t)
	m := s.manager(func(c *session.Config) {
		now := c.Now
		c.Now = func() time.Time { p.step(); return now() }
	})
	g := s.known()
	m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.calls.Store(1)
		if !panics(func() { _, _ = m.Get(r) }) {
			t.Error("the clock was not asked")
		}
		x, err := m.Get(r)
		if err != nil || x == nil || x.Visits() == 0 && x.UserName() == "" && !x.HasPrefs() {
			t.Errorf("Get = %v, %v", x, err)
		}
	})).ServeHTTP(httptest.NewRecorder(), g.request())
}
