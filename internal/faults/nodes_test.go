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

func TestADeadNodeIsAnOutageForItsOwnVisitorsAlone(t *testing.T) {
	for _, c := range []struct {
		name       string
		begin, end func(*servertest.Server)
		loses      bool
	}{
		{"killed", kill, start, true},
		{"frozen", pause, resume, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			noLeak(t)
			var addrs []string
			var nodes []*servertest.Server
			for range 3 {
				n := servertest.Memcached(t)
				nodes, addrs = append(nodes, n), append(addrs, n.Addr())
			}
			st := &story{t: t, fault: &fault{expect: down}, seen: make(map[outcome]int), cookies: make(map[string]string)}
			st.client = &http.Client{Transport: &http.Transport{}}
			st.site = newSite(t, memcachedWith(memcached.Options{Addrs: addrs}))
			t.Cleanup(st.client.CloseIdleConnections)
			var visitors []*visitor
			for i := range 24 {
				visitors = append(visitors, st.login(fmt.Sprintf("Visitor-%02d", i)))
			}
			sick := nodes[0]
			records, err := strconv.Atoi(sick.Stats()["curr_items"])
			if err != nil || records == 0 || records == len(visitors) {
				t.Fatalf("%d of %d records on one of three nodes, %v", records, len(visitors), err)
			}

			c.begin(sick)
			visit := func(v *visitor, path string) reply { return v.ask(t.Context(), http.MethodGet, path) }
			var lucky, unlucky []*visitor
			var first, slowest, others time.Duration
			for _, v := range visitors {
				switch r := visit(v, "/load"); r.outcome {
				case served:
					lucky = append(lucky, v)
				case unavailable:
					unlucky, first = append(unlucky, v), max(first, r.took)
				default:
					t.Errorf("%s: %s", v.name, r.outcome)
				}
			}
			if len(unlucky) != records {
				t.Errorf("%d visitors have no session, %d records are on the sick node", len(unlucky), records)
			}
			if len(unlucky) < 3 { // which is how many failures make the store skip the node
				_, _ = visit(unlucky[0], "/load"), visit(unlucky[0], "/load")
			}
			for range 5 {
				for _, v := range unlucky {
					r := visit(v, "/middleware")
					if slowest = max(slowest, r.took); r.outcome != unavailable {
						t.Errorf("%s: %s", v.name, r.outcome)
					}
				}
				for _, v := range lucky {
					r := v.save(t.Context(), "/middleware")
					if others = max(others, r.took); r.outcome != served {
						t.Errorf("%s, whose node is well: %s", v.name, r.outcome)
					}
				}
			}
			t.Logf("%d of %d visitors: told so in %v, budget %v, then in %v; the others served in %v", len(unlucky), len(visitors),
				first, readBudget, slowest, others)
			if first > noisy*readBudget || slowest > noisy*readBudget || others > noisy*saveBudget {
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
