package session_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// http.TimeoutHandler cancels the request's context when it answers for the handler, whose header then goes nowhere.
func TestALoginThatATimeoutHandlerHasGivenUpKeepsTheOldSession(t *testing.T) {
	for name, serve := range map[string]func(s *lab, login handle) http.Handler{
		"by hand": func(s *lab, login handle) http.Handler {
			return http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				x, err := s.sessions.Load(w, r)
				if err != nil {
					s.t.Error(err)
					return
				}
				login(w, r, x)
			}), time.Second, "timeout")
		},
		"outside Middleware": func(s *lab, login handle) http.Handler {
			return http.TimeoutHandler(s.sessions.Middleware(s.handler(login)), time.Second, "timeout")
		},
		"inside Middleware": func(s *lab, login handle) http.Handler {
			return s.sessions.Middleware(http.TimeoutHandler(s.handler(login), time.Second, "timeout"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) { // where the second is over when the handler waits
				s := newLab(t)
				g := s.known()
				saved, answered := make(chan error, 1), make(chan struct{})
				w := httptest.NewRecorder()
				serve(s, func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) {
					<-answered
					x.SetUserID(7)
					saved <- x.Save()
				}).ServeHTTP(w, g.request())
				close(answered)
				if err := <-saved; !errors.Is(err, session.ErrLateSave) {
					t.Errorf("Save = %v, want ErrLateSave", err)
				}
				g.keep(w.Result())
				if got := s.fields(g); w.Code != 503 || got.Visits != 1 || got.UserID != 0 || s.store.size() != 1 {
					t.Errorf("%d, %+v, %d records", w.Code, got, s.store.size())
				}
			})
		})
	}
}

func TestARenewalIsNotDoneForAClientThatHasLeft(t *testing.T) {
	for name, change := range map[string]func(*fixture.Session){
		"login": func(x *fixture.Session) { x.SetUserID(7) },
		"Renew": func(x *fixture.Session) { x.Renew() },
	} {
		for _, leaves := range []string{"before", "while the new record is written"} {
			t.Run(name+" "+leaves, func(t *testing.T) {
				s := newLab(t)
				g := s.known()
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				w := httptest.NewRecorder()
				x, err := s.sessions.Load(w, g.request().WithContext(ctx))
				if err != nil {
					t.Fatal(err)
				}
				x.AddVisits(1)
				change(x)
				if leaves == "before" {
					leave()
				} else {
					s.store.fail(func(call, _ string) error {
						if call == add {
							leave()
						}
						return nil
					}, nil)
				}
				if err := x.Save(); !errors.Is(err, session.ErrLateSave) || !errors.Is(err, context.Canceled) || errors.Is(err, session.ErrUnknown) {
					t.Errorf("Save = %v", err)
				}
				if got := s.fields(g); got.Visits != 1 || s.store.size() != 1 || setsCookie(w.Header()) {
					t.Errorf("%+v, %d records, %v", got, s.store.size(), w.Header())
				}
			})
		}
	}
}

func TestALogoutOfAClientThatHasLeftEndsTheSession(t *testing.T) {
	s := newLab(t)
	g := s.known()
	ctx, leave := context.WithCancel(t.Context())
	x, err := s.sessions.Load(httptest.NewRecorder(), g.request().WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	leave()
	if err := x.Destroy(); err != nil || s.store.size() != 0 {
		t.Errorf("Destroy = %v, %d records", err, s.store.size())
	}
}
