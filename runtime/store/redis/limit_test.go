package redis

import (
	"context"
	"sync/atomic"
	"testing"
	"time"
)

func TestCallsThatBeginTogetherShareTheirTerm(t *testing.T) {
	s := &Store{budget: time.Hour, term: new(atomic.Pointer[term])}
	begin := time.Now()
	first, _ := s.limit(t.Context())
	second, _ := s.limit(t.Context())
	if first != second {
		t.Error("each has a context of its own")
	}
	end, _ := second.Deadline()
	if latest := time.Now().Add(s.budget); end.After(latest) || end.Before(begin.Add(s.budget-s.budget/termSteps)) {
		t.Errorf("the call ends at %v, of a budget until %v", end, latest)
	}

	s.term.Store(&term{context.Background(), begin.Add(s.budget / 2)}) // of a call that began half an hour ago
	late, _ := s.limit(t.Context())
	if end, _ := late.Deadline(); end.Before(begin.Add(s.budget - s.budget/termSteps)) {
		t.Errorf("a call ends at %v, in the middle of its budget", end)
	}
}

func TestACallersOwnDeadlineCounts(t *testing.T) {
	s := &Store{budget: time.Hour, term: new(atomic.Pointer[term])}
	_, _ = s.limit(t.Context())
	want := time.Now().Add(time.Minute)
	own, stop := context.WithDeadline(t.Context(), want)
	defer stop()
	ctx, cancel := s.limit(own)
	defer cancel()
	if end, _ := ctx.Deadline(); !end.Equal(want) {
		t.Errorf("the call ends at %v, its caller's deadline is %v", end, want)
	}
}
