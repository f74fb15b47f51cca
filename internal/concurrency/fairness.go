package concurrency

import (
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// ASessionThatEverybodySavesDoesNotStarve lets 64 processes conflict with each other, of which each saves in the end:
// how long they take, and that the default SaveTimeout is ten times that, BenchmarkContention measures.
func ASessionThatEverybodySavesDoesNotStarve(t *testing.T, connect func() session.Store) {
	const processes = 64
	managers := make([]*visitor.Sessions, processes)
	for i := range managers {
		managers[i] = Visitors(t, connect())
	}
	_, token := Begin(t, managers[0], func(s *visitor.Session) { s.AddCount(1) })
	sessions := make([]*visitor.Session, processes)
	for i, m := range managers {
		sessions[i] = Open(t, m, token)
		sessions[i].AddCount(1)
	}
	Together(processes, func(i int) {
		if err := sessions[i].Save(); err != nil {
			t.Errorf("process %d: %v", i, err)
		}
	})
	if got := Open(t, managers[0], token).Count(); got != processes+1 {
		t.Errorf("counted %d, want %d", got, processes+1)
	}
}
