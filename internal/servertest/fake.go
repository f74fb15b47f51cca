//go:build unix

package servertest

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

// A Fake is a small memcached inside the test, which can be made to misbehave: it knows the commands gets, get, add,
// cas, set, touch, delete and version, keeps everything for ever, and hands each reply to the test's own function to be
// sent, changed, doubled, delayed or forgotten.
type Fake struct {
	*Listener
	send func(c net.Conn, cmd Command, reply []byte)

	mu       sync.Mutex
	items    map[string]fakeItem
	writes   uint64
	received map[string]int // commands, by key
}

type fakeItem struct {
	flags string
	value []byte
	cas   uint64
}

// A Command is one request, as it came.
type Command struct {
	Verb, Key string
	Args      []string // after the key; of get and gets, further keys
	Value     []byte   // of add, cas and set
}

// NewFake starts a Fake on a free loopback port. send sends the replies; nil sends them as they are. It runs in a
// goroutine of its connection, and the connection is closed when the test ends.
func NewFake(t testing.TB, send func(c net.Conn, cmd Command, reply []byte)) *Fake {
	t.Helper()
	return NewFakeOn(t, "127.0.0.1:0", send)
}

// NewFakeOn is NewFake on an address.
func NewFakeOn(t testing.TB, addr string, send func(c net.Conn, cmd Command, reply []byte)) *Fake {
	t.Helper()
	if send == nil {
		send = func(c net.Conn, _ Command, reply []byte) { _, _ = c.Write(reply) }
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatalf("servertest: %v", err)
	}
	f := &Fake{send: send, items: make(map[string]fakeItem), received: make(map[string]int)}
	f.Listener = ServeOn(t, l, f.serve)
	return f
}

// Received returns how many commands for key have come.
func (f *Fake) Received(key string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.received[key]
}

// Value returns what is stored under key.
func (f *Fake) Value(key string) (string, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	item, ok := f.items[key]
	return string(item.value), ok
}

func (f *Fake) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	for {
		cmd, err := readCommand(r)
		if err != nil {
			return
		}
		f.send(c, cmd, f.execute(cmd))
	}
}

func readCommand(r *bufio.Reader) (Command, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return Command{}, err
	}
	var cmd Command
	fields := strings.Fields(line)
	if len(fields) > 0 {
		cmd.Verb = fields[0]
	}
	if len(fields) > 1 {
		cmd.Key, cmd.Args = fields[1], fields[2:]
	}
	switch cmd.Verb {
	case "add", "cas", "set":
		if len(cmd.Args) < 3 {
			return cmd, io.ErrUnexpectedEOF
		}
		size, err := strconv.Atoi(cmd.Args[2])
		if err != nil {
			return cmd, err
		}
		data := make([]byte, size+len("\r\n"))
		if _, err := io.ReadFull(r, data); err != nil {
			return cmd, err
		}
		cmd.Value = data[:size]
	}
	return cmd, nil
}

func (f *Fake) execute(cmd Command) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.received[cmd.Key]++
	if cmd.Verb == "get" || cmd.Verb == "gets" {
		for _, key := range cmd.Args {
			f.received[key]++
		}
	}
	item, there := f.items[cmd.Key]
	switch cmd.Verb {
	case "get", "gets":
		var reply []byte
		for _, key := range append([]string{cmd.Key}, cmd.Args...) {
			if item, there := f.items[key]; there {
				reply = fmt.Appendf(reply, "VALUE %s %s %d %d\r\n%s\r\n", key, item.flags, len(item.value), item.cas, item.value)
			}
		}
		return append(reply, "END\r\n"...)
	case "add", "cas", "set":
		switch {
		case cmd.Verb == "add" && there:
			return []byte("NOT_STORED\r\n")
		case cmd.Verb == "cas" && !there:
			return []byte("NOT_FOUND\r\n")
		case cmd.Verb == "cas" && cmd.Args[3] != strconv.FormatUint(item.cas, 10):
			return []byte("EXISTS\r\n")
		}
		f.writes++
		f.items[cmd.Key] = fakeItem{cmd.Args[0], cmd.Value, f.writes}
		return []byte("STORED\r\n")
	case "touch":
		if !there {
			return []byte("NOT_FOUND\r\n")
		}
		return []byte("TOUCHED\r\n")
	case "delete":
		if !there {
			return []byte("NOT_FOUND\r\n")
		}
		delete(f.items, cmd.Key)
		return []byte("DELETED\r\n")
	case "version":
		return []byte("VERSION fake\r\n")
	}
	return []byte("ERROR\r\n")
}
