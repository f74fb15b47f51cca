//go:build unix

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sessiongen/sessiongen/bench/measure"
	"github.com/sessiongen/sessiongen/bench/peer"
	"github.com/sessiongen/sessiongen/internal/servertest"
)

const connections = 16

// overHTTP puts a real server under load, in a process of its own, from keep-alive connections that each wait for an
// answer before they ask again: with its sessions on memcached, and on Redis.
func (b *bench) overHTTP() error {
	if err := b.loadAll(onTCP, b.tcp.Addr, map[workload]float64{read: 1.25, write: 1.3}); err != nil {
		return err
	}
	h := new(host)
	defer h.end()
	return b.loadAll(onRedis, redisScheme+servertest.Redis(h).Addr(), map[workload]float64{read: 1.15, write: 1.15})
}

// loadAll measures R and W on one store. The bars are on the server's CPU time beyond that of a handler without any
// session, as a multiple of the bare client's.
func (b *bench) loadAll(where, store string, bars map[workload]float64) error {
	s, err := startServer(store)
	if err != nil {
		return err
	}
	defer s.stop()
	contenders, err := served(store)
	if err != nil {
		return err
	}
	for _, w := range []workload{read, write} {
		all, err := b.load(s, w, contenders)
		if err != nil {
			return err
		}
		t := &table{
			title: fmt.Sprintf("%s over HTTP/1.1, %d connections; nine fields, %s", w.key, connections, where),
			head: []string{"", "requests/s", "range", "× no session", "p50 µs", "p99 µs", "server CPU µs", "range",
				"CPU µs beyond no session", "× bare", "range"},
		}
		none, bare := all[0], all[1]
		for i, r := range all {
			beyond := r.cpu.Less(none.cpu)
			row := []string{contenders[i].Name, digits(r.perSecond.Median()), span(r.perSecond, 1),
				digits(r.perSecond.Over(none.perSecond).Median()), micros(r.p50.Median()), micros(r.p99.Median()),
				micros(r.cpu.Median()), span(r.cpu, 1e3), micros(beyond.Median()), "–", "–"}
			if i > 0 {
				over := beyond.Over(bare.cpu.Less(none.cpu))
				row[9], row[10] = digits(over.Median()), span(over, 1)
				if strings.HasPrefix(contenders[i].Name, peer.Ours) {
					what := fmt.Sprintf("%s over HTTP, %s, CPU of %s beyond no session", w.key, where, contenders[i].Name)
					b.report.atMost(what, bars[w], over.Median(), " × bare")
				}
			}
			t.add(row...)
		}
		b.report.publish(t)
	}
	return nil
}

// loadTimes are what one contender did over HTTP, round by round.
type loadTimes struct {
	perSecond, p50, p99 measure.Times
	cpu                 measure.Times // nanoseconds of the server's for a request
}

// load lets the contenders serve in turns, in another order in each round.
func (b *bench) load(s *server, w workload, contenders []peer.Contender) ([]loadTimes, error) {
	rounds, slice := 15, 250*time.Millisecond
	if b.quick {
		rounds, slice = 3, 120*time.Millisecond
	}
	all := make([]loadTimes, len(contenders))
	users := make([][]*user, len(contenders))
	for i, c := range contenders {
		for range connections {
			u, err := s.newUser(i, w)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.Name, err)
			}
			defer u.conn.Close()
			users[i] = append(users[i], u)
		}
		if _, _, err := press(users[i], slice/3); err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	for range rounds {
		for _, i := range rand.Perm(len(contenders)) {
			before, err := s.cpu()
			if err != nil {
				return nil, err
			}
			latencies, wall, err := press(users[i], slice)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", contenders[i].Name, err)
			}
			after, err := s.cpu()
			if err != nil {
				return nil, err
			}
			all[i].perSecond = append(all[i].perSecond, float64(len(latencies))/wall.Seconds())
			all[i].p50 = append(all[i].p50, latencies.Quantile(0.5))
			all[i].p99 = append(all[i].p99, latencies.Quantile(0.99))
			all[i].cpu = append(all[i].cpu, (after-before)/float64(len(latencies)))
		}
	}
	return all, nil
}

// A user is one connection with a session of its own.
type user struct {
	conn    net.Conn
	r       *bufio.Reader
	request []byte
}

func (s *server) newUser(contender int, w workload) (*user, error) {
	_, header, err := s.get(fmt.Sprintf("/%d/create", contender))
	if err != nil {
		return nil, err
	}
	var request bytes.Buffer
	fmt.Fprintf(&request, "GET /%d/%s HTTP/1.1\r\nHost: shop.example\r\n", contender, w.key)
	if header.Get("Set-Cookie") != "" {
		cookie, err := cookieOf(header)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&request, "Cookie: %s\r\n", cookie)
	}
	request.WriteString("\r\n")
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		return nil, err
	}
	return &user{conn, bufio.NewReader(conn), request.Bytes()}, nil
}

var (
	statusOK      = []byte("HTTP/1.1 200 ")
	contentLength = []byte("Content-Length: ")
)

// ask sends the request and reads the answer. It parses no more of it than it must: the machine is the server's.
func (u *user) ask() error {
	if _, err := u.conn.Write(u.request); err != nil {
		return err
	}
	line, err := u.r.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(line, statusOK) {
		return fmt.Errorf("status %q", line)
	}
	length := -1
	for len(bytes.TrimSpace(line)) > 0 {
		if line, err = u.r.ReadSlice('\n'); err != nil {
			return err
		}
		if value, ok := bytes.CutPrefix(line, contentLength); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
	}
	if length < 0 {
		return fmt.Errorf("an answer without Content-Length")
	}
	_, err = io.CopyN(io.Discard, u.r, int64(length))
	return err
}

// press has all users ask for about d and returns how long each answer took, in nanoseconds.
func press(users []*user, d time.Duration) (measure.Times, time.Duration, error) {
	taken := make([]measure.Times, len(users))
	errs := make([]error, len(users))
	var all sync.WaitGroup
	start := time.Now()
	for i, u := range users {
		all.Go(func() {
			for last := time.Now(); last.Sub(start) < d; {
				if errs[i] = u.ask(); errs[i] != nil {
					return
				}
				now := time.Now()
				taken[i] = append(taken[i], float64(now.Sub(last)))
				last = now
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, 0, err
		}
	}
	return slices.Concat(taken...), time.Since(start), nil
}
