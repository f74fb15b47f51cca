package session_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// net/http answers a method that is no token (RFC 9110, 5.6.2) by itself; other servers may not.
func TestNothingThatAClientSendsForgesALine(t *testing.T) {
	const forged = "x\nlevel=INFO msg=forged"
	for name, handler := range map[string]func(*logs) slog.Handler{
		"slog's": func(l *logs) slog.Handler {
			return slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug})
		},
		"a plain":    func(l *logs) slog.Handler { return fixture.PlainHandler{Out: l} },
		"an audit's": func(l *logs) slog.Handler { return fixture.PlainHandler{Out: l} },
	} {
		for what, fails := range map[string]struct {
			call   string
			with   error
			panics bool
		}{
			"nothing fails": {}, "the load fails": {call: get}, "the save fails": {call: swap},
			"the handler fails":                      {with: errors.New(forged)},
			"the handler panics when the save fails": {call: swap, panics: true},
		} {
			t.Run(name+" handler, "+what, func(t *testing.T) {
				out := new(logs)
				log := slog.New(handler(out))
				s := newLab(t, func(c *session.Config) {
					c.Logger, c.Bearer = log, true
					if name == "an audit's" {
						c.Observer = session.Audit(log)
					}
				})
				g := s.known()
				before := strings.Count(out.String(), "\n")
				r := g.request()
				r.Method, r.URL.Path, r.URL.RawQuery = forged, "/"+forged, forged
				r.Host, r.RemoteAddr, r.RequestURI = forged, forged, forged
				for _, header := range []string{"User-Agent", "Referer", "X-Request-Id", "X-Forwarded-For"} {
					r.Header.Set(header, forged)
				}
				r.Header["Cookie"] = append([]string{cookieName + "=" + forged, forged + "=" + forged}, r.Header["Cookie"]...)
				if fails.call != "" {
					s.store.fail(always(errDown, fails.call), nil)
				}
				s.sessions.Handle(func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
					x.SetVisits(7)
					x.PutPrefs(forged, forged)
					if fails.panics {
						w.WriteHeader(http.StatusOK)
						panic(forged)
					}
					return fails.with
				}).ServeHTTP(httptest.NewRecorder(), r)
				r.Header.Set("Authorization", "Bearer "+forged)
				if _, err := s.sessions.Load(httptest.NewRecorder(), r); err != nil {
					t.Error(err) // a token that is none costs no I/O
				}
				text := out.String()
				for _, line := range strings.Split(text, "\n") {
					if strings.HasPrefix(line, "level=INFO msg=forged") {
						t.Errorf("logged: %q", text)
					}
				}
				if what != "nothing fails" && strings.Count(text, "\n") == before {
					t.Error("nothing is logged")
				}
			})
		}
	}
}
