//go:build unix

package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sessiongen/sessiongen/bench/measure"
	"github.com/sessiongen/sessiongen/bench/peer"
)

// sites keeps a busy site's sessions on memcached and lets their visitors come when they like: an open loop, in which a
// slow answer does not keep the next request back. Visitors who think for an exponential time each are a Poisson process
// together.
func (b *bench) sites() error {
	site := busySite{sessions: 100_000, perSecond: 2000, lasts: time.Minute}
	if b.quick {
		site = busySite{sessions: 5_000, perSecond: 1000, lasts: 2 * time.Second}
	}
	ours, err := peer.OursOn(b.tcp.Addr, peer.Nine)
	if err != nil {
		return err
	}
	size, err := storedSize(ours[0])
	if err != nil {
		return err
	}
	makers := []func() (peer.Contender, error){
		func() (peer.Contender, error) { return peer.Bare(b.tcp.Addr, size), nil },
		func() (peer.Contender, error) {
			all, err := peer.OursOn(b.tcp.Addr, peer.Nine)
			return all[0], err
		},
		func() (peer.Contender, error) { return peer.SCS(b.tcp.Addr, peer.Nine, false), nil },
		func() (peer.Contender, error) { return peer.Gorilla(b.tcp.Addr, peer.Nine, true), nil },
	}
	think := time.Duration(site.sessions) * time.Second / time.Duration(site.perSecond)
	t := &table{
		title: fmt.Sprintf("A site of %d live sessions, %d requests/s for %v; nine fields, memcached on TCP",
			site.sessions, site.perSecond, site.lasts),
		note: fmt.Sprintf("One process, open loop, of ten requests nine R and a W; each visitor thinks for %v in the mean. Latency counts"+
			" from when a request was to come. Heap is what the visitors' cookies do not take, at its most.", think),
		head: []string{"", "requests", "p50 µs", "p99 µs", "p99.9 µs", "CPU µs", "connections", "goroutines", "heap MB"},
	}
	for _, create := range makers {
		v, err := site.visit(create, b.tcp)
		if err != nil {
			return err
		}
		t.add(v.name, fmt.Sprint(len(v.took)), micros(v.took.Quantile(0.5)), micros(v.took.Quantile(0.99)), micros(v.took.Quantile(0.999)),
			micros(v.cpu), fmt.Sprint(v.connections), fmt.Sprint(v.goroutines), digits(v.heap/1e6))
	}
	b.report.publish(t)
	return nil
}

// A busySite is what the contenders have to serve.
type busySite struct {
	sessions, perSecond int
	lasts               time.Duration
}

// visited is how a contender served it.
type visited struct {
	name        string
	took        measure.Times
	cpu         float64 // nanoseconds of this process for a request
	connections int
	goroutines  int // at most
	heap        float64
}

// A mind is a visitor: one thinks, or waits for an answer.
type mind struct {
	cookie []string
	waits  atomic.Bool
}

func (s busySite) visit(create func() (peer.Contender, error), server *measure.Memcached) (*visited, error) {
	before, err := server.Counts()
	if err != nil {
		return nil, err
	}
	c, err := create()
	if err != nil {
		return nil, err
	}
	v := &visited{name: c.Name}
	cl := &client{create: c.Create}
	if err := cl.prepare(s.sessions); err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	minds := make([]mind, s.sessions)
	for i := range minds {
		minds[i].cookie = cl.cookies[i : i+1]
	}
	v.took = make(measure.Times, 0, int(s.lasts.Seconds()*float64(s.perSecond)*1.1))
	base := heap()
	cpu := measure.CPU()
	seen := watch()
	err = s.press(minds, c.Read(peer.VisitorName), c.Write, &v.took)
	v.goroutines, v.heap = seen()
	v.cpu = float64(measure.CPU()-cpu) / float64(max(1, len(v.took)))
	v.heap = max(0, v.heap-float64(base))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	after, err := server.Counts()
	v.connections = after.Connections - before.Connections
	return v, err
}

// press sends the visitors' requests at their times and notes how long each answer took.
func (s busySite) press(minds []mind, read, write http.Handler, took *measure.Times) error {
	template, err := http.NewRequest(http.MethodGet, "https://shop.example/", nil)
	if err != nil {
		return err
	}
	var (
		all    sync.WaitGroup
		mu     sync.Mutex
		failed error
	)
	mean := float64(time.Second) / float64(s.perSecond)
	start := time.Now()
	for next := start; next.Sub(start) < s.lasts; next = next.Add(time.Duration(rand.ExpFloat64() * mean)) {
		sleepUntil(next)
		who := &minds[rand.IntN(len(minds))]
		for !who.waits.CompareAndSwap(false, true) {
			who = &minds[rand.IntN(len(minds))]
		}
		handler := read
		if rand.IntN(10) == 0 {
			handler = write
		}
		all.Go(func() {
			r := *template
			r.Header = http.Header{"Cookie": who.cookie}
			w := sink{header: make(http.Header)}
			handler.ServeHTTP(&w, &r)
			d := float64(time.Since(next))
			who.waits.Store(false)
			mu.Lock()
			*took = append(*took, d)
			if w.status >= http.StatusInternalServerError {
				failed = errors.New(string(w.text))
			}
			mu.Unlock()
		})
	}
	all.Wait()
	return failed
}

// sleepUntil waits in the kernel: a timer of the runtime's may be late by a millisecond.
func sleepUntil(t time.Time) {
	if wait := time.Until(t); wait > 0 {
		span := syscall.NsecToTimespec(int64(wait))
		_ = syscall.Nanosleep(&span, nil) // a signal ends it early, which does no harm
	}
}

// watch looks at the process until the function that it returns is called, which returns the most that it saw.
func watch() func() (goroutines int, heap float64) {
	var most struct {
		goroutines int
		heap       float64
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			metrics.Read(sample)
			most.heap = max(most.heap, float64(sample[0].Value.Uint64()))
			most.goroutines = max(most.goroutines, runtime.NumGoroutine())
			select {
			case <-tick.C:
			case <-stop:
				tick.Stop()
				return
			}
		}
	}()
	return func() (int, float64) {
		close(stop)
		<-done
		return most.goroutines, most.heap
	}
}
