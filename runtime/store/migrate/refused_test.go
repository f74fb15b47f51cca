package migrate_test

import (
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
	"github.com/sessiongen/sessiongen/runtime/store/migrate"
)

func TestWhatWouldEndEverySessionIsRefusedAtTheStart(t *testing.T) {
	for name, c := range map[string]struct {
		to, from session.Store
		ttl      time.Duration
	}{
		"no ttl":          {memory.New(), memory.New(), 0},
		"a negative ttl":  {memory.New(), memory.New(), -time.Minute},
		"no new store":    {nil, memory.New(), time.Minute},
		"no former store": {memory.New(), nil, time.Minute},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: New returned", name)
				}
			}()
			migrate.New(c.to, c.from, c.ttl)
		}()
	}
}
