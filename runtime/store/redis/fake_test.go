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

	"github.com/sessiongen/sessiongen/internal/servertest"
)

// fake is a small Redis inside the test, which can be made to misbehave: it keeps everything for ever, takes every
// script for the store's, and hands each reply to the test's own function to be sent, changed, doubled, delayed or
// forgotten.
type fake struct {
	*servertest.Listener
	send func(c net.Conn, command []string, reply string)

	mu     sync.Mutex
	values map[string]string
	seen   []string // verbs
}

// newFake starts a fake; send runs in a goroutine of the connection, nil sends each reply as it is. HELLO, which
// go-redis says first, gets the answer of an old server, and does not come to send.
func newFake(t testing.TB, send func(c net.Conn, command []string, reply string)) *fake {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return newFakeOn(t, l, send)
}

func newFakeOn(t testing.TB, l net.Listener, send func(c net.Conn, command []string, reply string)) *fake {
	t.Helper()
	if send == nil {
		send = func(c net.Conn, _ []string, reply string) { _, _ = io.WriteString(c, reply) }
	}
	f := &fake{send: send, values: make(map[string]string)}
	f.Listener = servertest.ServeOn(t, l, f.serve)
	return f
}

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

func (f *fake) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
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
		if command[2] == "0" { // no keys: a ping
			return done
		}
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
