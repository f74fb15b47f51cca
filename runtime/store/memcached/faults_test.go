package memcached_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
)

const budget = memcached.DefaultIOBudget

// says makes a fake answer everything with a fixed text.
func says(text string) func(net.Conn, servertest.Command, []byte) {
	return func(c net.Conn, _ servertest.Command, _ []byte) { _, _ = c.Write([]byte(text)) }
}

func TestEachFaultEndsInTimeWithATypedErrorAndLeavesNothingBehind(t *testing.T) {
	fake := func(send func(c net.Conn, cmd servertest.Command, reply []byte)) servertest.Start {
		return func(t testing.TB) (string, func(call, key string) bool) {
			f := servertest.NewFake(t, send)
			return f.Addr(), func(_, key string) bool { return f.Received(key) > 0 }
		}
	}
	servertest.Faults{
		Open: at(openDefault), Budget: budget, Memory: 4 << 20,
		Unwritten: map[string]servertest.Start{
			"no such socket":       servertest.At(servertest.NoSocket),
			"out of memory":        fake(says("SERVER_ERROR out of memory storing object\r\n")),
			"too many connections": fake(says("ERROR Too many open connections\r\n")),
		},
		Unknown: map[string]servertest.Start{
			"accepts and never answers":   fake(func(net.Conn, servertest.Command, []byte) {}),
			"closes instead of an answer": fake(func(c net.Conn, _ servertest.Command, _ []byte) { _ = c.Close() }),
			"drips": fake(func(c net.Conn, _ servertest.Command, _ []byte) {
				for _, b := range bytes.Repeat([]byte("V"), 400) {
					if _, err := c.Write([]byte{b}); err != nil {
						return
					}
					time.Sleep(10 * time.Millisecond)
				}
			}),
			"values without end": fake(func(c net.Conn, cmd servertest.Command, _ []byte) {
				for range 1000 {
					if _, err := fmt.Fprintf(c, "VALUE %s 0 1 1\r\nx\r\n", cmd.Key); err != nil {
						return
					}
					time.Sleep(10 * time.Millisecond)
				}
			}),
			"garbage":                    fake(says("\x00\xff\x13secret\r\n\r\n")),
			"garbage without a line end": fake(says(strings.Repeat("secret", 10000))),
			"another protocol":           fake(says("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")),
			"truncated value": fake(func(c net.Conn, cmd servertest.Command, _ []byte) {
				_, _ = fmt.Fprintf(c, "VALUE %s 0 100 1\r\nsecret", cmd.Key)
				_ = c.Close()
			}),
			"truncated line": fake(func(c net.Conn, _ servertest.Command, _ []byte) {
				_, _ = c.Write([]byte("STO"))
				_ = c.Close()
			}),
			"length shorter than the value": fake(func(c net.Conn, cmd servertest.Command, _ []byte) {
				_, _ = fmt.Fprintf(c, "VALUE %s 0 3 1\r\nsecret\r\nEND\r\n", cmd.Key)
			}),
			"length of 4 GiB": fake(func(c net.Conn, cmd servertest.Command, _ []byte) {
				_, _ = fmt.Fprintf(c, "VALUE %s 0 4294967295 1\r\n", cmd.Key)
			}),
			"length beyond any integer": fake(func(c net.Conn, cmd servertest.Command, _ []byte) {
				_, _ = fmt.Fprintf(c, "VALUE %s 0 99999999999999999999999 1\r\n", cmd.Key)
			}),
			"negative length": fake(func(c net.Conn, cmd servertest.Command, _ []byte) {
				_, _ = fmt.Fprintf(c, "VALUE %s 0 -1 1\r\n", cmd.Key)
			}),
			"no length": fake(func(c net.Conn, cmd servertest.Command, _ []byte) {
				_, _ = fmt.Fprintf(c, "VALUE %s\r\n", cmd.Key)
			}),
			"always another key's value": fake(says("VALUE secret 0 6 1\r\nsecret\r\nEND\r\n")),
			"no versions": fake(func(c net.Conn, cmd servertest.Command, _ []byte) {
				if cmd.Verb == "gets" {
					_, _ = fmt.Fprintf(c, "VALUE %s 0 3\r\none\r\nEND\r\n", cmd.Key)
				}
			}),
			"SERVER_ERROR": fake(says("SERVER_ERROR something broke\r\n")),
			"ERROR":        fake(says("ERROR\r\n")),
		},
	}.Run(t)
}

// As twemproxy before 0.5.0, which closes the connection, and others, which have an error for it.
func TestPingSaysOfAProxyThatDoesNotKnowVersionWhatIsWrongWithIt(t *testing.T) {
	for name, send := range map[string]func(c net.Conn){
		"closes": func(c net.Conn) { _ = c.Close() },
		"ERROR":  func(c net.Conn) { write(c, []byte("ERROR\r\n")) },
	} {
		t.Run(name, func(t *testing.T) {
			fake := servertest.NewFake(t, func(c net.Conn, cmd servertest.Command, reply []byte) {
				if cmd.Verb == "version" {
					send(c)
					return
				}
				write(c, reply)
			})
			s := open(t, fake.Addr())
			if err := s.Ping(t.Context()); !errors.Is(err, session.ErrUnavailable) || !strings.Contains(err.Error(), "command version") {
				t.Errorf("ping: %v", err)
			}
			err := s.Add(t.Context(), "k", []byte("one"), time.Hour)
			told := err != nil && strings.Contains(err.Error(), "command version")
			if servertest.IsAnswer(err) || errors.Is(err, session.ErrUnavailable) || told != (name == "ERROR") {
				t.Errorf("add: %v", err)
			}
		})
	}
	silent := servertest.NewFake(t, func(net.Conn, servertest.Command, []byte) {})
	err := openDefault(t, silent.Addr()).Ping(t.Context())
	if !errors.Is(err, session.ErrUnavailable) || strings.Contains(err.Error(), "command version") {
		t.Errorf("ping of what hangs: %v", err)
	}
}

// gomemcache quotes replies that it does not understand, and they can be a stranger's data.
func TestAnErrorOfSomebodyElsesClientQuotesNoReply(t *testing.T) {
	f := servertest.NewFake(t, says("secret 1 2 3\r\n"))
	s := memcached.NewFromClient(memcache.New(f.Addr()))
	for verb, call := range servertest.Calls(s, "the-key", session.Version{1}) {
		if err := call(t.Context()); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", verb, err)
		}
	}
}

func TestADeadlineEarlierThanTheBudgetIsKept(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: its server is away for seconds")
	}
	servertest.KeepsDeadlines(t, at(open), servertest.NewFake(t, says("")).Addr())
}

func TestAValueThatIsStillBeingSentWhenItsCallerGivesUpIsNotTheCallersSlice(t *testing.T) {
	const size = 32 << 20 // more than the kernel takes from a sender to whom nobody listens
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	begun, read, changed := make(chan struct{}), make(chan []byte, 1), make(chan struct{})
	go func() { // a server that reads the first line, and the value when its owner has changed it
		defer close(read)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		r := bufio.NewReader(c)
		if _, err := r.ReadString('\n'); err != nil {
			return
		}
		close(begun)
		<-changed
		got := make([]byte, size)
		_, _ = io.ReadFull(r, got)
		read <- got
	}()
	s := openWith(t, memcached.Options{
		Addrs: []string{l.Addr().String()}, Timeout: 20 * time.Second, IOBudget: 40 * time.Second, MaxItemSize: size,
	})
	// The deadline, earlier than the budget, makes the store ready to give up.
	ctx, giveUp := context.WithTimeout(t.Context(), 20*time.Second)
	defer giveUp()
	go func() {
		<-begun
		giveUp()
	}()
	value := bytes.Repeat([]byte("a"), size)
	err = s.Add(ctx, "k", value, time.Hour)
	copy(value, bytes.Repeat([]byte("b"), size))
	close(changed)
	if err == nil || errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Add: %v, want an error that leaves it open", err)
	}
	if got := <-read; len(got) != size || bytes.Contains(got, []byte("b")) {
		t.Error("what the caller did to its slice afterwards was sent")
	}
}

func TestOneReplyForAnotherKeyIsReadAgainOnAFreshConnection(t *testing.T) {
	var lie atomic.Bool
	fake := servertest.NewFake(t, func(c net.Conn, cmd servertest.Command, reply []byte) {
		if cmd.Verb == "gets" && lie.CompareAndSwap(true, false) {
			reply = []byte("VALUE other 0 8 7\r\nstranger\r\nEND\r\n")
		}
		_, _ = c.Write(reply)
	})
	s := open(t, fake.Addr())
	if err := s.Add(t.Context(), "k", []byte("mine"), time.Hour); err != nil {
		t.Fatal(err)
	}
	before := fake.Accepted()
	lie.Store(true)
	got, _, err := s.Get(t.Context(), "k")
	if err != nil || string(got) != "mine" {
		t.Errorf("Get: %q, %v", got, err)
	}
	if opened := fake.Accepted() - before; opened != 1 {
		t.Errorf("%d connections opened, want 1", opened)
	}
}

func TestDuplicatedRepliesShowNobodyAnothersDataAndLoseNothing(t *testing.T) {
	for name, send := range map[string]func(c net.Conn, reply []byte){
		"at once": func(c net.Conn, reply []byte) { write(c, reply, reply) },
		"in two pieces": func(c net.Conn, reply []byte) {
			write(c, reply)
			time.Sleep(time.Millisecond) // mostly enough for the first to be read without the second
			write(c, reply)
		},
		"badly split": func(c net.Conn, reply []byte) { write(c, reply[:3]); write(c, reply[3:], reply) },
	} {
		t.Run(name, func(t *testing.T) {
			servertest.NoLeak(t)
			said := make(chan struct{}, 1)
			fake := servertest.NewFake(t, func(c net.Conn, cmd servertest.Command, reply []byte) {
				send(c, reply)
				if cmd.Verb == "gets" || cmd.Verb == "version" { // which end an exchange
					said <- struct{}{}
				}
			})
			servertest.TakesTurns(t, open(t, fake.Addr()), said)
		})
	}
}

func write(c net.Conn, parts ...[]byte) { _, _ = c.Write(bytes.Join(parts, nil)) }
