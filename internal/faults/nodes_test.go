//go:build unix

package faults

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
)

// patience is the Timeout of a store that may not take a machine that stalls for a dead node.
const patience = 2 * time.Second

// again asks until somebody is served, three times at most, and keeps the time of the slowest: a machine that stalls
// even for that long costs a try. Three failures are what makes the store skip the node.
func again(slowest *time.Duration, ask func() reply) (r reply) {
	for range 3 {
		r = ask()
		if *slowest = max(*slowest, r.took); r.outcome == served {
			break
		}
	}
	return r
}

func TestADeadNodeIsAnOutageForItsOwnVisitorsAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: its server is away for seconds")
	}
	for _, c := range []struct {
		name       string
		begin, end func(*servertest.Server)
		loses      bool
	}{
		{"killed", kill, start, true},
		{"frozen", pause, resume, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			servertest.NoLeak(t)
			var addrs []string
			var nodes []*servertest.Server
			for range 3 {
				n := servertest.Memcached(t)
				nodes, addrs = append(nodes, n), append(addrs, n.Addr())
			}
			st := &story{t: t, fault: &fault{expect: down}, seen: make(map[outcome]int), cookies: make(map[string]string)}
			st.client = &http.Client{Transport: &http.Transport{}}
			opener := memcachedWith(memcached.Options{Addrs: addrs, Timeout: patience, IOBudget: patience})
			opener.saveTimeout = 2 * patience
			st.site = newSite(t, opener)
			t.Cleanup(st.client.CloseIdleConnections)
			sick := nodes[0]
			var visitors []*visitor
			records := 0 // on the sick node
			for i := 0; i < 24 || records < 3 || i-records < 3; i++ {
				if i == 200 {
					t.Fatalf("%d of %d records on one of three nodes", records, i)
				}
				visitors = append(visitors, st.login(fmt.Sprintf("Visitor-%02d", i)))
				var err error
				if records, err = strconv.Atoi(sick.Stats()["curr_items"]); err != nil {
					t.Fatal(err)
				}
			}

			c.begin(sick)
			visit := func(v *visitor, path string) reply { return v.ask(t.Context(), http.MethodGet, path) }
			var lucky, unlucky []*visitor
			var first, slowest, others time.Duration
			for _, v := range visitors {
				switch r := again(&first, func() reply { return visit(v, "/load") }); r.outcome {
				case served:
					lucky = append(lucky, v)
				case unavailable:
					unlucky = append(unlucky, v)
				default:
					t.Errorf("%s: %s", v.name, r.outcome)
				}
			}
			// A login that had to be tried again may have left a record that is nobody's.
			if len(unlucky) == 0 || len(unlucky) > records {
				t.Errorf("%d visitors have no session, %d records are on the sick node", len(unlucky), records)
			}
			for range 5 {
				for _, v := range unlucky {
					r := visit(v, "/middleware")
					if slowest = max(slowest, r.took); r.outcome != unavailable {
						t.Errorf("%s: %s", v.name, r.outcome)
					}
				}
				for _, v := range lucky {
					if r := again(&others, func() reply { return v.save(t.Context(), "/middleware") }); r.outcome != served {
						t.Errorf("%s, whose node is well: %s", v.name, r.outcome)
					}
				}
			}
			t.Logf("%d of %d visitors: told so in %v, budget %v, then in %v; the others served in %v", len(unlucky), len(visitors),
				first, 2*patience, slowest, others)
			if first > servertest.Noisy*2*patience || slowest > servertest.Noisy*2*patience || others > servertest.Noisy*(2*patience+saveTimeout) {
				t.Error("too slow")
			}

			c.end(sick)
			for _, v := range lucky {
				v.survives()
			}
			st.fault.loses = c.loses
			for _, v := range unlucky {
				v.survives()
			}
		})
	}
}
