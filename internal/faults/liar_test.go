//go:build unix

package faults

import (
	"bytes"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
)

// A liar is a memcached that keeps all records and is honest until it is told how to lie.
type liar struct {
	fake *servertest.Fake

	mu    sync.Mutex
	lie   func(l *liar, c net.Conn, cmd servertest.Command, reply []byte) // nil: none
	told  int
	reads map[string][]byte   // the last honest reply to a read of each key
	again map[string]bool     // keys that have been lied about
	last  map[net.Conn][]byte // the reply before, of connections on which replies come late
}

func newLiar(t *testing.T) *liar {
	l := &liar{reads: make(map[string][]byte)}
	l.fake = servertest.NewFake(t, l.send)
	return l
}

type lie = func(l *liar, c net.Conn, cmd servertest.Command, reply []byte)

// tell makes the liar lie from now on; nil makes it honest.
func (l *liar) tell(how lie) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lie, l.again, l.last = how, make(map[string]bool), make(map[net.Conn][]byte)
}

func (l *liar) lies() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.told
}

func (l *liar) send(c net.Conn, cmd servertest.Command, reply []byte) {
	l.mu.Lock()
	if isRead(cmd) && len(cmd.Args) == 0 && bytes.HasPrefix(reply, []byte("VALUE")) {
		l.reads[cmd.Key] = reply
	}
	how := l.lie
	if how != nil {
		l.told++
	}
	l.mu.Unlock()
	if how == nil {
		how = honest
	}
	how(l, c, cmd, reply)
}

func isRead(cmd servertest.Command) bool { return cmd.Verb == "gets" }

func honest(_ *liar, c net.Conn, _ servertest.Command, reply []byte) { _, _ = c.Write(reply) }

func silent(*liar, net.Conn, servertest.Command, []byte) {}

func closing(_ *liar, c net.Conn, _ servertest.Command, _ []byte) { _ = c.Close() }

// says answers everything with a text, in which %s is the key that was asked for.
func says(format string) lie {
	return func(_ *liar, c net.Conn, cmd servertest.Command, _ []byte) {
		if bytes.Contains([]byte(format), []byte("%s")) {
			format := fmt.Sprintf(format, cmd.Key)
			_, _ = c.Write([]byte(format))
			return
		}
		_, _ = c.Write([]byte(format))
	}
}

// cutOff sends half of each reply and closes the connection.
func cutOff(_ *liar, c net.Conn, _ servertest.Command, reply []byte) {
	_, _ = c.Write(reply[:len(reply)/2])
	_ = c.Close()
}

// dripping sends the true reply, at a byte every 20 ms.
func dripping(_ *liar, c net.Conn, _ servertest.Command, reply []byte) {
	for i := range reply {
		if _, err := c.Write(reply[i : i+1]); err != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func endless(_ *liar, c net.Conn, cmd servertest.Command, _ []byte) {
	for range 1000 {
		if _, err := fmt.Fprintf(c, "VALUE %s 0 1 1\r\nx\r\n", cmd.Key); err != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// shortened announces fewer bytes than it sends.
func shortened(_ *liar, c net.Conn, cmd servertest.Command, reply []byte) {
	_, value, ok := bytes.Cut(reply, []byte("\r\n"))
	if ok {
		_, _ = fmt.Fprintf(c, "VALUE %s 0 3 1\r\n%s", cmd.Key, value)
	}
	_, _ = c.Write(reply)
}

// twice sends each reply two times at once.
func twice(_ *liar, c net.Conn, _ servertest.Command, reply []byte) {
	_, _ = c.Write(append(bytes.Clone(reply), reply...))
}

// late sends the second copy of each reply when the next request has come: before the reply to that.
func late(l *liar, c net.Conn, _ servertest.Command, reply []byte) {
	l.mu.Lock()
	before := l.last[c]
	if l.last != nil {
		l.last[c] = reply
	}
	l.mu.Unlock()
	_, _ = c.Write(append(bytes.Clone(before), reply...))
}

// strangers answers reads with another key's reply: as it is, or with its record under the key that was asked for.
// once means once for each key, also where a command reads several: who has had the wrong answer among others, and
// asks again alone, is told the truth.
func strangers(underOwnKey, once bool) lie {
	return func(l *liar, c net.Conn, cmd servertest.Command, reply []byte) {
		l.mu.Lock()
		keys := append([]string{cmd.Key}, cmd.Args...)
		if isRead(cmd) && !(once && slices.ContainsFunc(keys, func(key string) bool { return l.again[key] })) {
			for _, key := range keys {
				l.again[key] = true
			}
			for key, other := range l.reads {
				if slices.Contains(keys, key) {
					continue
				}
				if reply = other; underOwnKey {
					reply = bytes.Replace(other, []byte(key), []byte(cmd.Key), 1)
				}
				break
			}
		}
		l.mu.Unlock()
		_, _ = c.Write(reply)
	}
}
