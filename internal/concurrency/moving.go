package concurrency

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/migrate"
)

// AMoveUnderVisitorsLosesNothing lets two processes go through the order of package migrate, from one store to
// another, while visitors are under way. When the one is at the step before the other, and records move to and fro,
// processes are killed at each call of either store, before and after the store has carried it out. connect returns
// both stores as one more process has them.
func AMoveUnderVisitorsLosesNothing(t *testing.T, connect func() (old, next session.Store)) {
	const visitors = 64
	s := &movingSite{t: t}
	var old, next [processes]session.Store
	for p := range processes {
		old[p], next[p] = connect()
		s.deploy(p, old[p])
	}
	steps := [processes][]session.Store{}
	for p := range processes {
		steps[p] = []session.Store{migrate.New(old[p], next[p], time.Hour), migrate.New(next[p], old[p], time.Hour), next[p]}
	}

	var people [visitors]movingVisitor
	var wg sync.WaitGroup
	done := make(chan struct{})
	for i := range people {
		people[i].site = s
		wg.Go(func() {
			for n := i; ; n++ {
				select {
				case <-done:
					return
				default:
					people[i].come(n)
				}
			}
		})
	}
	defer wg.Wait()
	defer close(done)
	everybodyComes := func() {
		t.Helper()
		var from [visitors]int64
		for i := range people {
			from[i] = people[i].visits.Load()
		}
		s.wait("the visitors do not get on", func() bool {
			for i := range people {
				if people[i].visits.Load() < from[i]+6 {
					return false
				}
			}
			return true
		})
	}

	for step := range 3 {
		for p := range processes {
			everybodyComes()
			s.deploy(p, steps[p][step])
			if step == 1 && p == 0 {
				s.kill(0, func(m *mortal) session.Store {
					return migrate.New(m.of(next[0], "to"), m.of(old[0], "from"), time.Hour)
				})
				s.deploy(0, steps[0][1])
				s.kill(1, func(m *mortal) session.Store {
					return migrate.New(m.of(old[1], "to"), m.of(next[1], "from"), time.Hour)
				})
			}
		}
		everybodyComes()
	}
	var visits int64
	for i := range people {
		visits += people[i].visits.Load()
	}
	t.Logf("%d visits, %d sessions ended, %d processes killed", visits, s.ended.Load(), s.killed)
}

// A movingSite is some processes, which are deployed anew with other stores.
type movingSite struct {
	t         *testing.T
	processes [processes]atomic.Pointer[movingProcess]
	ended     atomic.Int64
	killed    int
}

func (s *movingSite) deploy(process int, store session.Store) {
	s.t.Helper()
	s.deployMortal(process, store, make(chan struct{}))
}

func (s *movingSite) deployMortal(process int, store session.Store, dead chan struct{}) {
	s.t.Helper()
	s.processes[process].Store(&movingProcess{Visitors(s.t, store), dead})
}

// kill deploys a process again and again, until it has been killed at each call that it makes for a move.
func (s *movingSite) kill(process int, open func(*mortal) session.Store) {
	s.t.Helper()
	for _, store := range []string{"to", "from"} {
		for _, call := range []string{"Get", "Swap", "Add", "Delete"} {
			for _, carriedOut := range []bool{false, true} {
				m := &mortal{store: store, call: call, carriedOut: carriedOut, dead: make(chan struct{})}
				s.deployMortal(process, open(m), m.dead)
				s.wait("no "+call+" in "+store, m.isDead)
				s.killed++
			}
		}
	}
}

func (s *movingSite) wait(what string, ok func() bool) {
	s.t.Helper()
	deadline := time.Now().Add(20 * time.Minute) // all visitors at one SQLite, on a busy machine
	for !ok() && !s.t.Failed() {
		if time.Now().After(deadline) {
			s.t.Fatal(what)
		}
		time.Sleep(time.Millisecond)
	}
}
