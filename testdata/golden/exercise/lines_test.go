package exercise_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/testdata/golden/exercise"
	"github.com/sessiongen/sessiongen/testdata/golden/named"
)

func TestNoNamedTextForgesALine(t *testing.T) {
	verbs := []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"}
	site := exercise.NewSite(t, named.NewSessions)
	for _, end := range []string{"\n", "\r", "\u2028", "\u2029", "\u0085", "\x1b[1A", "\u202e"} {
		forged := named.Role("guest" + end + "level=INFO msg=forged")
		for field, set := range map[string]func(*named.Session){
			"text":   func(s *named.Session) { s.SetRole(forged) },
			"list":   func(s *named.Session) { s.AppendRoles(forged) },
			"key":    func(s *named.Session) { s.PutByRole(forged, 1) },
			"member": func(s *named.Session) { in := s.In(); in.Role = forged; s.SetIn(in) },
		} {
			s := site.Load(t)
			set(s)
			var out strings.Builder
			handlers := []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil), fixture.PlainHandler{Out: &out}}
			for _, h := range handlers {
				slog.New(h).Info("visit", "session", s)
			}
			for _, verb := range verbs {
				fmt.Fprintf(&out, verb+"\n", s)
			}
			text := out.String()
			lines := strings.Count(text, "\n")
			if lines != len(handlers)+len(verbs) || end != "\n" && strings.Contains(text, end) || strings.Count(text, "guest") < lines {
				t.Errorf("%s, %q: %q", field, end, text)
			}
		}
	}
}
