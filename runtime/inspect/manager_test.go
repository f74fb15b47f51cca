package inspect_test

import (
	"context"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/inspect"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A late observer learns whom to tell when the manager is there.
type late struct{ to session.Observer }

func (l *late) Observe(ctx context.Context, e session.Event) {
	if l.to != nil {
		l.to.Observe(ctx, e)
	}
}

func TestWhatTheManagerTellsIsShown(t *testing.T) {
	for name, observer := range map[string]*late{"by New": nil, "and by Config.Observer": {}} {
		t.Run(name, func(t *testing.T) {
			sessions := open(t, fixture.NewSessions, func(c *session.Config) {
				if observer != nil {
					c.Observer = observer
				}
			})
			b, inspector := inspected(t, sessions, inspect.Options{}, nil)
			if observer != nil {
				observer.to = inspector
			}
			login(t, b, sessions, func(s *fixture.Session) { s.SetPrefs(map[string]string{"lang": "en"}) })
			login(t, b, sessions, func(s *fixture.Session) { s.AddVisits(1) })
			for kind, want := range map[string]int{"created": 1, "loaded": 1, "saved": 1} {
				page := b.get("?page=list&kind=" + kind)
				if got := rows(page); got != want {
					t.Errorf("%d events of %s, want %d:\n%s", got, kind, want, page)
				}
			}
			wantText(t, b.get("?page=list&kind=saved"), "<code>visits</code>")
		})
	}
}

func TestAnObserverOfConfigIsToldBesides(t *testing.T) {
	told := 0
	sessions := open(t, fixture.NewSessions, func(c *session.Config) {
		c.Observer = observe(func(session.Event) { told++ })
	})
	b, _ := inspected(t, sessions, inspect.Options{}, func(s *fixture.Session) { s.AddVisits(1) })
	if got := rows(b.get("?page=list")); got != 1 || told != 1 {
		t.Errorf("the inspector was told of %d events and Config.Observer of %d, want 1 and 1", got, told)
	}
}

type observe func(session.Event)

func (f observe) Observe(_ context.Context, e session.Event) { f(e) }
