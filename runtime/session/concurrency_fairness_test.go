package session_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
	"github.com/sessiongen/sessiongen/internal/concurrency"
	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

func TestTheTriesOfASaveAreBoundedAndTheirWaitsDiffer(t *testing.T) {
	store := &contested{Store: memory.New()}
	bubble.Test(t, func(t *testing.T) {
		cfg := concurrency.Config()
		cfg.SaveTimeout = 0 // the default
		m, err := visitor.NewSessions(store, cfg)
		if err != nil {
			t.Fatal(err)
		}
		_, token := concurrency.Begin(t, m, func(s *visitor.Session) { s.AddCount(1) })
		s := concurrency.Open(t, m, token)
		s.AddCount(1)
		start := time.Now()
		if err := s.Save(); !errors.Is(err, session.ErrConflict) {
			t.Errorf("Save: %v, want ErrConflict", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("it gave up after %v, want SaveTimeout", took)
		}
	})
	if n := len(store.tries); n < 30 || n > 120 { // 60 on average
		t.Errorf("%d tries within a second", n)
	}
	waits := make(map[time.Duration]bool)
	for i, at := range store.tries[1:] {
		waits[at.Sub(store.tries[i])] = true
	}
	if len(waits) < len(store.tries)/2 {
		t.Errorf("%d different waits between %d tries", len(waits), len(store.tries))
	}
	if longest := slices.Max(slices.Collect(maps.Keys(waits))); longest > 32*time.Millisecond {
		t.Errorf("a wait of %v", longest)
	}
}

// contested is a store in which another request is always quicker.
type contested struct {
	session.Store
	tries []time.Time
}

func (c *contested) Swap(context.Context, string, []byte, session.Version, time.Duration) error {
	c.tries = append(c.tries, time.Now())
	return session.ErrStale
}
