package main

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/sessiongen/sessiongen/bench/measure"
	"github.com/sessiongen/sessiongen/bench/peer"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

const (
	onTCP  = "memcached on TCP"
	onUnix = "memcached on a unix socket"
	inMem  = "in memory"
)

// workloads measures every workload of every contender in every place.
func (b *bench) workloads() error {
	for _, shape := range []peer.Shape{peer.Nine, peer.Two} {
		tcp, err := onMemcached(onTCP, b.tcp, shape)
		if err != nil {
			return err
		}
		unix, err := onMemcached(onUnix, b.unix, shape)
		if err != nil {
			return err
		}
		mem, err := inMemory(shape)
		if err != nil {
			return err
		}
		for _, p := range []place{tcp, unix, mem} {
			for _, w := range []workload{read, write, login} {
				if err := b.workload(w, p); err != nil {
					return err
				}
			}
		}
		if shape == peer.Two { // what never reaches a record is the same for all
			continue
		}
		tcp.contenders[0] = peer.HMAC()
		for _, w := range []workload{noCookie, forged} {
			if err := b.workload(w, tcp); err != nil {
				return err
			}
		}
	}
	return nil
}

// apart measures R and W once more with a core for each side.
func (b *bench) apart() error {
	for _, server := range []*measure.Memcached{b.tcp, b.unix} {
		where := onTCP
		if server == b.unix {
			where = onUnix
		}
		p, err := onMemcached(where, server, peer.Nine)
		if err != nil {
			return err
		}
		p.where += ", a core each"
		for _, w := range []workload{read, write} {
			g, err := b.measureWorkload(w, p)
			if err != nil {
				return err
			}
			b.report.publish(g.table())
			b.report.expectOverFloor(g)
		}
	}
	return nil
}

// onMemcached are all contenders on one server, the floor first.
func onMemcached(where string, server *measure.Memcached, shape peer.Shape) (place, error) {
	ours, err := peer.OursOn(server.Addr, shape)
	if err != nil {
		return place{}, err
	}
	size, err := storedSize(ours[0])
	if err != nil {
		return place{}, err
	}
	all := append([]peer.Contender{peer.Bare(server.Addr, size)}, ours...)
	if shape == peer.Nine {
		for _, on := range []func(addr string) (peer.Contender, error){peer.ObservedOn, peer.OwnedOn} {
			more, err := on(server.Addr)
			if err != nil {
				return place{}, err
			}
			all = append(all, more)
		}
	}
	all = append(all,
		peer.SCS(server.Addr, shape, false), peer.SCS(server.Addr, shape, true),
		peer.Gorilla(server.Addr, shape, true), peer.Gorilla(server.Addr, shape, false),
		peer.Tornado(server.Addr, shape))
	return place{where: where, server: server, shape: shape, contenders: all}, nil
}

// inMemory are those that come with a store in memory.
func inMemory(shape peer.Shape) (place, error) {
	ours, err := peer.OursIn(roomy(), shape)
	if err != nil {
		return place{}, err
	}
	size, err := storedSize(ours[0])
	if err != nil {
		return place{}, err
	}
	all := append([]peer.Contender{peer.BareStore(roomy(), size)}, ours...)
	return place{where: inMem, shape: shape, contenders: append(all, peer.SCSInMemory(shape))}, nil
}

// roomy is a store that evicts nothing of what a workload leaves behind: a login leaves two records.
func roomy() *memory.Store { return memory.NewWithOptions(memory.Options{MaxBytes: 8 << 30}) }

// storedSize has a session stored, to see how long its record is.
func storedSize(c peer.Contender) (int, error) {
	r, err := http.NewRequest(http.MethodGet, "https://shop.example/", nil)
	if err != nil {
		return 0, err
	}
	s := sink{header: make(http.Header)}
	c.Create.ServeHTTP(&s, r)
	if s.status >= http.StatusInternalServerError {
		return 0, fmt.Errorf("%s: %s", c.Name, s.text)
	}
	return c.Size(), nil
}

func (b *bench) workload(w workload, p place) error {
	g, err := b.measureWorkload(w, p)
	if err != nil {
		return err
	}
	b.report.publish(g.table())
	b.report.groups = append(b.report.groups, g)
	if g.shape == peer.Nine {
		b.report.expectWorkload(g)
	}
	return nil
}

func (g *group) table() *table {
	t := &table{
		title: fmt.Sprintf("%s: %s; %s, %s", g.key, g.text, g.shape, g.where),
		head:  []string{"", "µs", "range", "× floor", "range", "CPU µs", "× ours", "beyond floor", "allocs", "bytes"},
	}
	remote := g.where != inMem
	if remote {
		t.head = append(t.head, "round trips", "wire bytes", "stored")
	}
	floor, ours := &g.results[0], g.find(peer.Ours)
	beyond := func(r *result) string { // in units of ours
		own := ours.CPU.Median() - floor.CPU.Median()
		if r == floor || own <= 0 {
			return "–"
		}
		return digits((r.CPU.Median() - floor.CPU.Median()) / own)
	}
	for i := range g.results {
		r := &g.results[i]
		ratio := r.Wall.Over(floor.Wall)
		row := []string{
			r.name, micros(r.Wall.Median()), span(r.Wall, 1e3), digits(ratio.Median()), span(ratio, 1),
			micros(r.CPU.Median()), digits(r.CPU.Over(ours.CPU).Median()),
			beyond(r),
			fmt.Sprintf("%.0f", r.allocs), fmt.Sprintf("%.0f", r.bytes),
		}
		if remote {
			trips := strings.TrimSuffix(fmt.Sprintf("%.2f", r.trips), ".00")
			if r.conns > 0.5 {
				trips += fmt.Sprintf(" + %.0f connection", r.conns)
			}
			row = append(row, trips, fmt.Sprintf("%.0f", r.wire), fmt.Sprint(r.stored))
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// expectWorkload compares a group with its bars.
func (r *report) expectWorkload(g *group) {
	ours := g.find(peer.Ours)
	overFloor := ours.Wall.Over(g.results[0].Wall).Median()
	r.expectOwned(g)
	what := g.key + ", " + g.where
	// limits of R and W: allocations, round trips
	limit, ok := map[workload][2]float64{read: {9, 1}, write: {14, 2}}[g.workload]
	switch {
	case g.workload == noCookie || g.workload == forged:
		r.allocs(g.key, 3, ours.allocs)
		r.expect(ours.trips == 0, g.key+", round trips", "exactly 0", "%g", ours.trips)
		if g.workload == forged {
			r.atMost("F against one hmac.New and verify", 1, overFloor, " ×")
		}
	case !ok || g.where == inMem:
	default:
		r.expectOverFloor(g)
		r.allocs(what, int(limit[0]), ours.allocs)
		r.expect(ours.trips == limit[1], what+", round trips", fmt.Sprintf("exactly %g", limit[1]), "%g", ours.trips)
		for i := range g.results {
			peerResult := &g.results[i]
			if i > 0 && !strings.HasPrefix(peerResult.name, peer.Ours) {
				r.atLeast(what+", CPU of "+peerResult.name, 5, peerResult.CPU.Over(ours.CPU).Median(), " × ours")
			}
		}
	}
}

// expectOwned compares a session that has an owner with one that has none. memcached counts each key of a command, so
// that a read of record and roster, one round trip, is two commands.
func (r *report) expectOwned(g *group) {
	owned, ours := g.find(peer.OursOwned), g.find(peer.Ours)
	if owned == nil || g.workload != read && g.workload != login {
		return
	}
	what := g.key + " with an owner, " + g.where
	if g.workload == login {
		r.atMost(what+", commands more", 2, owned.trips-ours.trips, "")
		return
	}
	r.atMost(what+", against one without", 1.25, owned.Wall.Over(ours.Wall).Median(), " ×")
	r.atMost(what+", allocations more", 4, owned.allocs-ours.allocs, "")
}

// expectOverFloor compares R or W with the bar on its wall time.
func (r *report) expectOverFloor(g *group) {
	limits := map[workload]float64{read: 1.15, write: 1.12}
	if strings.HasPrefix(g.where, onUnix) {
		limits = map[workload]float64{read: 1.25, write: 1.20}
	}
	over := g.find(peer.Ours).Wall.Over(g.results[0].Wall).Median()
	r.atMost(g.key+", "+g.where+", against the bare client", limits[g.workload], over, " ×")
}
