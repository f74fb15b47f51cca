package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/sessiongen/sessiongen/bench/measure"
	"github.com/sessiongen/sessiongen/bench/peer"
)

const connections = 16

// overHTTP puts a real server under load, in a process of its own, from keep-alive connections that each wait for an
// answer before they ask again.
func (b *bench) overHTTP() error {
	s, err := startServer(b.tcp.Addr)
	if err != nil {
		return err
	}
	defer s.stop()
	contenders, err := served(b.tcp.Addr)
	if err != nil {
		return err
	}
	for _, w := range []workload{read, write} {
		if err := b.load(s, w, contenders); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) load(s *server, w workload, contenders []peer.Contender) error {
	rounds, slice := 9, 350*time.Millisecond
	if b.quick {
		rounds, slice = 3, 120*time.Millisecond
	}
	type rates struct{ perSecond, p50, p99, cpu measure.Times }
	all := make([]rates, len(contenders))
	users := make([][]*user, len(contenders))
	for i, c := range contenders {
		for range connections {
			u, err := s.newUser(i, w)
			if err != nil {
				return fmt.Errorf("%s: %w", c.Name, err)
			}
			defer u.conn.Close()
			users[i] = append(users[i], u)
		}
		if _, _, err := press(users[i], slice/3); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	for range rounds {
		for i := range contenders {
			before, err := s.cpu()
			if err != nil {
				return err
			}
			latencies, wall, err := press(users[i], slice)
			if err != nil {
				return fmt.Errorf("%s: %w", contenders[i].Name, err)
			}
			after, err := s.cpu()
			if err != nil {
				return err
			}
			all[i].perSecond = append(all[i].perSecond, float64(len(latencies))/wall.Seconds())
			all[i].p50 = append(all[i].p50, latencies.Quantile(0.5))
			all[i].p99 = append(all[i].p99, latencies.Quantile(0.99))
			all[i].cpu = append(all[i].cpu, (after-before)/float64(len(latencies)))
		}
	}
	t := &table{
		title: fmt.Sprintf("%s over HTTP/1.1, %d connections; nine fields, memcached on TCP", w.key, connections),
		head:  []string{"", "requests/s", "range", "× no session", "p50 µs", "p99 µs", "server CPU µs", "range", "beyond no session"},
	}
	for i, c := range contenders {
		r := all[i]
		t.add(c.Name, digits(r.perSecond.Median()), span(r.perSecond, 1), digits(r.perSecond.Over(all[0].perSecond).Median()),
			micros(r.p50.Median()), micros(r.p99.Median()), micros(r.cpu.Median()), span(r.cpu, 1e3),
			micros(max(0, r.cpu.Median()-all[0].cpu.Median())))
	}
	b.report.publish(t)
	return nil
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
