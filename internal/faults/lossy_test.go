//go:build unix

package faults

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
	"github.com/sessiongen/sessiongen/runtime/store/redis"
)

// One reply in so many never arrives, to whatever request: a write may have been done, and where several replies are
// under way the next one stands in its place.
const lostOneIn = 20

// The Timeout of a store from which replies are lost: each costs its caller that. Where many ask at once on a machine
// that does other things too, a reply that comes takes long as well.
const lossPatience, busyPatience = 250 * time.Millisecond, 2 * time.Second

// A loss is where replies get lost.
type loss struct {
	opener
	on   atomic.Bool
	lost atomic.Int64 // replies
}

// takes reports whether the next reply is lost.
func (l *loss) takes() bool {
	lost := l.on.Load() && rand.IntN(lostOneIn) == 0
	if lost {
		l.lost.Add(1)
	}
	return lost
}

func (l *loss) place() *place {
	return &place{
		opener: l.opener,
		begin:  func(*story) { l.on.Store(true) },
		end:    func(*story) { l.on.Store(false) },
		met:    func() bool { return l.lost.Load() > 0 },
	}
}

func memcachedLosing(t *testing.T) *place { return losingMemcached(t, lossPatience).place() }

func redisLosing(t *testing.T) *place { return losingRedis(t, lossPatience).place() }

func losingMemcached(t *testing.T, patience time.Duration) *loss {
	l := new(loss)
	fake := servertest.NewFake(t, func(c net.Conn, _ servertest.Command, reply []byte) {
		if !l.takes() {
			_, _ = c.Write(reply)
		}
	})
	l.opener = memcachedWith(memcached.Options{Addrs: []string{fake.Addr()}, Timeout: patience, IOBudget: 40 * patience})
	l.saveTimeout = 80 * patience
	return l
}

func losingRedis(t *testing.T, patience time.Duration) *loss {
	l := new(loss)
	g := newGate(t, servertest.Redis(t).Addr(), func(to, from net.Conn) {
		for r := bufio.NewReader(from); ; {
			reply, err := redisReply(r)
			if err != nil {
				return
			}
			if !l.takes() {
				_, _ = to.Write(reply)
			}
		}
	})
	l.opener = redisWith(redis.Options{Addrs: []string{g.addr}, Timeout: patience, IOBudget: 40 * patience})
	l.saveTimeout = 80 * patience
	return l
}

// redisReply reads a reply of RESP2: a line, and the string or the replies that it announces.
func redisReply(r *bufio.Reader) ([]byte, error) {
	reply, err := r.ReadBytes('\n')
	if err != nil || reply[0] != '$' && reply[0] != '*' {
		return reply, err
	}
	n, err := strconv.Atoi(string(bytes.TrimSpace(reply[1:])))
	if err != nil || n < 0 {
		return reply, err
	}
	if reply[0] == '$' {
		value := make([]byte, n+len("\r\n"))
		_, err := io.ReadFull(r, value)
		return append(reply, value...), err
	}
	for range n {
		element, err := redisReply(r)
		if err != nil {
			return nil, err
		}
		reply = append(reply, element...)
	}
	return reply, nil
}

// Where many ask at once, their requests travel together. What is missing of a batch is to cost nobody his session.
func TestLostRepliesOfABusySiteLogNobodyOutAndShowNobodyAnothers(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: each lost reply takes two seconds")
	}
	for name, c := range map[string]struct {
		losing func(*testing.T, time.Duration) *loss
		most   float64 // the share of requests that may fail
	}{
		"memcached": {losingMemcached, 0.05}, // which answers all reads of a batch together
		"redis":     {losingRedis, 0.12},     // where all of a batch are asked again, alone, for one that is lost
	} {
		t.Run(name, func(t *testing.T) {
			servertest.NoLeak(t)
			l := c.losing(t, busyPatience)
			st := &story{t: t, fault: &fault{}, seen: make(map[outcome]int), cookies: make(map[string]string)}
			st.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
			st.site = newSite(t, l.opener)
			t.Cleanup(st.client.CloseIdleConnections)
			var visitors []*visitor
			for i := range 64 {
				visitors = append(visitors, st.login(fmt.Sprintf("Visitor-%02d", i)))
			}
			l.on.Store(true)
			var asked, failed atomic.Int64
			var all sync.WaitGroup
			for _, v := range visitors {
				all.Go(func() {
					for range 4 {
						for _, r := range []reply{v.save(t.Context(), "/load"), v.ask(t.Context(), http.MethodGet, "/load")} {
							asked.Add(1)
							switch v.plausible(r); r.outcome {
							case served:
							case unavailable, unknown, unclear:
								failed.Add(1)
							default:
								t.Errorf("%s: %s", v.name, r.outcome)
							}
						}
					}
				})
			}
			all.Wait()
			l.on.Store(false)
			if float64(failed.Load()) > c.most*float64(asked.Load()) {
				t.Error("they are not asked again")
			}
			t.Logf("of %d requests %d failed; %d replies were lost", asked.Load(), failed.Load(), l.lost.Load())
			for _, v := range visitors {
				v.survives()
			}
		})
	}
}
