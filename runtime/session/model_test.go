package session_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
	"github.com/sessiongen/sessiongen/internal/concurrency"
	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

var (
	modelSeed  = flag.Uint64("model.seed", 0, "run this seed of the model test alone, and print what happens")
	modelSeeds = flag.Int("model.seeds", 1000, "how many random histories the model test runs")
)

// TestEveryHistoryKeepsThePromises runs random histories of several clients, with faults of the store, and follows each
// of its writes with a model. See modelClient and model for what is checked.
func TestEveryHistoryKeepsThePromises(t *testing.T) {
	t.Parallel()
	forEachSeed(t, func(s *schedule) stageSize {
		s.faults = faults{
			calls:     s.oneOf(0, 1, 5, 20, 40),
			strangers: s.oneOf(0, 0, 5),
			storms:    s.oneOf(0, 0, 5, 50, 99),
			misses:    s.oneOf(0, 0, 0, 3),
			evicts:    s.oneOf(0, 0, 0, 1),
			jumps:     s.oneOf(0, 1, 3),
			sleeps:    s.oneOf(1, 5, 20),
			slow:      s.oneOf(0, 0, 90),
		}
		return stageSize{
			processes: 1 + s.rng.IntN(2), visitors: 1 + s.rng.IntN(2), clients: 2 + s.rng.IntN(5), requests: 1 + s.rng.IntN(6), steps: 6,
			known: s.chance(50),
		}
	}, func(*schedule) string { return "" })
}

// someSeeds returns the first of so many seeds.
func someSeeds() (first, n uint64) {
	switch {
	case *modelSeed != 0:
		return *modelSeed, 1
	case testing.Short():
		return rand.Uint64() >> 1, min(uint64(*modelSeeds), 100)
	}
	return rand.Uint64() >> 1, uint64(*modelSeeds)
}

// forEachSeed plays a history for each of many seeds, verifies it, and prints the first one that fails.
func forEachSeed(t *testing.T, setUp func(*schedule) stageSize, verify func(*schedule) string) {
	first, n := someSeeds()
	together := 0
	for seed := first; seed < first+n && !t.Failed(); seed++ {
		s := &schedule{rng: rand.New(rand.NewPCG(seed, 1)), clock: new(modelClock)}
		s.clock.add(modelRemembered.Lifetime)
		s.inner = memory.NewWithOptions(memory.Options{MaxBytes: 1 << 20, Now: s.clock.now}) // outside: it has a goroutine
		bubble.Test(t, func(t *testing.T) { s.play(t, seed, setUp(s)) })
		together += s.together
		violations := s.model.violations
		if v := verify(s); v != "" {
			violations = append(violations, v)
		}
		if *modelSeed != 0 || len(violations) > 0 {
			t.Log(strings.Join(s.trace, "\n"))
		}
		for _, v := range violations {
			t.Errorf("seed %d: %s", seed, v)
		}
		if t.Failed() {
			t.Logf("again: go test ./runtime/session -run '^%s$' -model.seed=%d", t.Name(), seed)
		}
	}
	if t.Logf("%d requests were saved together with another", together); together == 0 && n > 1 && !t.Failed() {
		t.Error("no two requests were saved together")
	}
}

// stageSize is who takes part in a history.
type stageSize struct {
	processes, visitors, clients int
	requests                     int // of a client
	steps                        int // of a request, at most

	known bool // a request of each visitor comes before all others, so that these have one session
}

// play lets the clients run to their end.
func (s *schedule) play(t *testing.T, seed uint64, size stageSize) {
	s.model = newModel(s, size.processes)
	var processes []*visitor.Sessions
	s.ending = func() bool {
		return slices.ContainsFunc(processes, func(m *visitor.Sessions) bool { return m.EndsInBackground() })
	}
	for i := range size.processes {
		background := &modelClient{number: -1 - i, visitor: &modelVisitor{name: fmt.Sprint("background of process ", i)}}
		background.local.process = i
		cfg := concurrency.Config()
		cfg.IdleTimeout, cfg.Lifetime, cfg.SaveTimeout = modelIdle, modelLifetime, modelTimeout
		cfg.Anonymous, cfg.Remembered = modelAnonymous, modelRemembered
		cfg.Now = func() time.Time { return s.model.clock(i) }
		cfg.Observer = new(watcher)
		held := &heldStore{s: s, background: background}
		m, err := visitor.NewSessions(held, cfg)
		if err != nil {
			t.Fatal(err)
		}
		held.process = m
		m.SetJitter(func(bound time.Duration) time.Duration { return bound*2/3 + 7 }) // no two timers end at once
		processes = append(processes, m)
	}
	var visitors []*modelVisitor
	for i := range size.visitors {
		visitors = append(visitors, &modelVisitor{name: fmt.Sprint("visitor", i)})
	}
	var clients []*modelClient
	for i := range size.clients {
		clients = append(clients, &modelClient{
			number: i, s: s, model: s.model, rng: rand.New(rand.NewPCG(seed, uint64(i)+2)), visitor: visitors[i%len(visitors)],
			processes: processes, requests: size.requests, steps: size.steps, history: s.history,
		})
	}
	if size.known {
		faults := s.faults
		for _, c := range clients[:size.visitors] {
			c.requests = 1
		}
		s.faults.calls, s.faults.misses, s.faults.evicts = 0, 0, 0
		s.run(clients[:size.visitors])
		for _, c := range clients {
			c.requests = size.requests
		}
		s.faults = faults
	}
	s.run(clients)
	s.model.check()
}
