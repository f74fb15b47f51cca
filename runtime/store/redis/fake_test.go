//go:build unix

package redis_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fake is a small Redis inside the test, which can be made to misbehave: it keeps everything for ever, takes every script for
// the store's, and hands each reply to the test's own function to be sent, changed, doubled, delayed or forgotten.
type fake struct {
	listener net.Listener
	send     func(c net.Conn, command []string, reply string)

	mu       sync.Mutex
	values   map[string]string
	seen     []string // verbs
	accepted int
	conns    map[net.Conn]bool
	closed   bool
	served   sync.WaitGroup
}

// newFake starts a fake; send runs in a goroutine of the connection, nil sends each reply as it is. HELLO, which go-redis
// says first, gets the answer of an old server, and does not come to send.
func newFake(t *testing.T, send func(c net.Conn, command []string, reply string)) *fake {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return newFakeOn(t, l, send)
}

func newFakeOn(t *testing.T, l net.Listener, send func(c net.Conn, command []string, reply string)) *fake {
	t.Helper()
	if send == nil {
		send = func(c net.Conn, _ []string, reply string) { _, _ = io.WriteString(c, reply) }
	}
	f := &fake{listener: l, send: send, values: make(map[string]string), conns: make(map[net.Conn]bool)}
	f.served.Go(f.accept)
	t.Cleanup(f.close)
	return f
}

func (f *fake) addr() string { return f.listener.Addr().String() }

// count returns how often a command came.
func (f *fake) count(verb string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, v := range f.seen {
		if v == verb {
			n++
		}
	}
	return n
}

// got says whether the command of a write has come.
func (f *fake) got(call string) bool {
	return f.count(map[string]string{"add": "set", "swap": "evalsha"}[call]) > 0
}

func (f *fake) connections() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.accepted
}

func (f *fake) close() {
	_ = f.listener.Close()
	f.mu.Lock()
	f.closed = true
	for c := range f.conns {
		_ = c.Close()
	}
	f.mu.Unlock()
	f.served.Wait()
}

func (f *fake) accept() {
	for {
		c, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		f.accepted++
		f.conns[c] = true
		if f.closed {
			_ = c.Close()
		}
		f.mu.Unlock()
		f.served.Go(func() { f.serve(c) })
	}
}

func (f *fake) serve(c net.Conn) {
	defer func() {
		_ = c.Close()
		f.mu.Lock()
		delete(f.conns, c)
		f.mu.Unlock()
	}()
	r := bufio.NewReader(c)
	for {
		command, err := readCommand(r)
		if err != nil {
			return
		}
		if command[0] == "hello" {
			_, _ = io.WriteString(c, "-ERR unknown command\r\n")
			continue
		}
		f.send(c, command, f.execute(command))
	}
}

func readCommand(r *bufio.Reader) ([]string, error) {
	number := func() (int, error) {
		line, err := r.ReadString('\n')
		if err != nil {
			return 0, err
		}
		return strconv.Atoi(strings.TrimSpace(line[1:]))
	}
	n, err := number()
	if err != nil || n < 1 {
		return nil, io.ErrUnexpectedEOF
	}
	command := make([]string, n)
	for i := range command {
		size, err := number()
		if err != nil {
			return nil, err
		}
		data := make([]byte, size+len("\r\n"))
		if _, err := io.ReadFull(r, data); err != nil {
			return nil, err
		}
		command[i] = string(data[:size])
	}
	return command, nil
}

func (f *fake) execute(command []string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, command[0])
	const done, no = ":1\r\n", ":0\r\n"
	key := ""
	if len(command) > 1 {
		key = command[1]
	}
	switch command[0] {
	case "get":
		if v, ok := f.values[key]; ok {
			return fmt.Sprintf("$%d\r\n%s\r\n", len(v), v)
		}
		return "$-1\r\n"
	case "set":
		if _, ok := f.values[key]; ok {
			return "$-1\r\n"
		}
		f.values[key] = command[2]
		return "+OK\r\n"
	case "evalsha", "eval":
		key, version, value := command[3], command[4], command[5]
		old, ok := f.values[key]
		switch {
		case !ok:
			return no
		case !strings.HasPrefix(old, version):
			return ":-1\r\n"
		}
		f.values[key] = value
		return done
	case "pexpire":
		if _, ok := f.values[key]; !ok {
			return no
		}
		return done
	case "del":
		delete(f.values, key)
		return done
	}
	return "+PONG\r\n"
}
