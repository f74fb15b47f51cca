//go:build unix

package main

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sessiongen/sessiongen/bench/measure"
	"github.com/sessiongen/sessiongen/bench/peer"
	"github.com/sessiongen/sessiongen/internal/servertest"
)

// throughput lets 64 goroutines, and 256, each with a session of its own, use one store at once, beside the bare client
// with a pool of the same size.
func (b *bench) throughput() error {
	p, err := onMemcached(onTCP, b.tcp, peer.Nine)
	if err != nil {
		return err
	}
	all := p.contenders
	workloads := []workload{read, write, mixed}
	for _, w := range workloads {
		if err := b.concurrent(w, onTCP, 64, all[0], all[1], p.named("scs"), p.named("gorilla, securecookie")); err != nil {
			return err
		}
	}
	for _, w := range workloads {
		if err := b.concurrent(w, onTCP, 256, all[:2]...); err != nil {
			return err
		}
	}
	h := new(host)
	defer h.end()
	if all, err = onRedisAt(servertest.Redis(h).Addr()); err != nil {
		return err
	}
	for _, w := range workloads {
		if err := b.concurrent(w, onRedis, 64, all[0], all[1], all[3], all[4]); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) concurrent(w workload, where string, goroutines int, contenders ...peer.Contender) error {
	rounds, slice := 40, 120*time.Millisecond // short, so that what else the machine does falls upon all alike
	if b.quick {
		rounds, slice = 7, 80*time.Millisecond
	}
	crowds := make([]*crowd, len(contenders))
	for i, c := range contenders {
		crowds[i] = new(crowd)
		for range goroutines {
			cl, err := newClient(c, w)
			if err != nil {
				return fmt.Errorf("%s of %s: %w", w.key, c.Name, err)
			}
			crowds[i].clients = append(crowds[i].clients, cl)
		}
		crowds[i].work(slice / 4) // opens the connections
	}
	type rates struct{ perSecond, p50, p99 measure.Times }
	all := make([]rates, len(contenders))
	for range rounds {
		for i, c := range crowds {
			latencies, wall := c.work(slice)
			all[i].perSecond = append(all[i].perSecond, float64(len(latencies))/wall.Seconds())
			all[i].p50 = append(all[i].p50, latencies.Quantile(0.5))
			all[i].p99 = append(all[i].p99, latencies.Quantile(0.99))
		}
	}
	t := &table{
		title: fmt.Sprintf("%s by %d goroutines at once; nine fields, %s", w.key, goroutines, where),
		head:  []string{"", "per second", "range", "× bare", "p50 µs", "p99 µs", "range", "× bare"},
	}
	for i, c := range contenders {
		r := all[i]
		t.add(c.Name, digits(r.perSecond.Median()), span(r.perSecond, 1), digits(r.perSecond.Over(all[0].perSecond).Median()),
			micros(r.p50.Median()), micros(r.p99.Median()), span(r.p99, 1e3), digits(r.p99.Over(all[0].p99).Median()))
	}
	b.report.publish(t)
	what := fmt.Sprintf("%s by %d goroutines, %s, ", w.key, goroutines, where)
	if where == onRedis {
		b.report.atLeast(what+"throughput", 0.87, // 1 / 1.15
			all[1].perSecond.Over(all[0].perSecond).Median(), " × bare")
		return nil
	}
	least := map[workload]float64{read: 1.5, write: 1.2, mixed: 1.4}[w]
	b.report.atLeast(what+"throughput", least, all[1].perSecond.Over(all[0].perSecond).Median(), " × bare")
	b.report.atMost(what+"p99", 0.6, all[1].p99.Over(all[0].p99).Median(), " × bare")
	return nil
}

// A crowd is clients that work at the same time.
type crowd struct{ clients []*client }

// work lasts about d and returns how long each request took, in nanoseconds.
func (c *crowd) work(d time.Duration) (measure.Times, time.Duration) {
	taken := make([]measure.Times, len(c.clients))
	var all sync.WaitGroup
	start := time.Now()
	for i, cl := range c.clients {
		all.Go(func() {
			times := make(measure.Times, 0, 4096)
			for last := time.Now(); last.Sub(start) < d; {
				must(cl.run(1))
				now := time.Now()
				times = append(times, float64(now.Sub(last)))
				last = now
			}
			taken[i] = times
		})
	}
	all.Wait()
	return slices.Concat(taken...), time.Since(start)
}
