package memcached

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/sessiongen/sessiongen/internal/servertest"
)

// connected returns a caller's end on a server that answers as serve does, of a node that is used for nothing else.
func connected(t *testing.T, serve func(net.Conn)) *conn {
	t.Helper()
	n, err := newNode(servertest.Serve(t, serve).Addr(), Options{
		PoolSize: 1, Timeout: 10 * time.Second, IOBudget: 20 * time.Second, MaxItemSize: 1 << 20,
	}, environment{now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.reset)
	return n.connect()
}

// ask gives a request to c, in parts, as gomemcache does.
func ask(c *conn, request ...string) (reply string, err error) {
	_ = c.SetDeadline(time.Now().Add(c.node.client.Timeout))
	for _, part := range request {
		_, _ = c.Write([]byte(part))
	}
	p := make([]byte, 100)
	n, err := c.Read(p)
	return string(p[:n]), err
}

// answer returns what c says to request.
func answer(t *testing.T, c *conn, request ...string) string {
	t.Helper()
	got, err := ask(c, request...)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// idle returns the link that c's node keeps, if there is one.
func idle(c *conn) *link {
	if len(c.node.links) == 0 {
		return nil
	}
	return c.node.links[0]
}

// answers returns a server that says reply to each request of one line, then what the marker is answered with.
func answers(reply string) func(net.Conn) {
	return func(c net.Conn) {
		for lines := bufio.NewReader(c); ; {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			said := reply
			if line == marker {
				said = "VERSION 1\r\n"
			}
			_, _ = io.WriteString(c, said)
		}
	}
}

var touches = answers("TOUCHED\r\n")

func TestARequestThatTheSocketTakesInPiecesGoesOutWhole(t *testing.T) {
	line, value := "cas k 0 0 16777216 1\r\n", strings.Repeat("v", 16<<20) // more than the kernel takes at once
	full := make(chan struct{}, 1)
	c := connected(t, func(c net.Conn) {
		_, _ = io.ReadFull(c, make([]byte, len("touch k 1\r\n"+marker)))
		_, _ = io.WriteString(c, "TOUCHED\r\nVERSION 1\r\n")
		<-full
		got := make([]byte, len(line)+len(value)+2+len(marker))
		if _, err := io.ReadFull(c, got); err == nil && string(got) == line+value+"\r\n"+marker {
			_, _ = io.WriteString(c, "STORED\r\nVERSION 1\r\n")
		}
	})
	for _, fresh := range []bool{true, false} {
		for _, parts := range [][]string{{line + value + "\r\n"}, {line, value, "\r\n"}} {
			c.node.reset()
			_ = answer(t, c, "touch k 1\r\n")
			l := idle(c)
			l.fresh = fresh
			step := l.socket.step
			l.socket.step = func(fd uintptr) bool {
				done := step(fd)
				if s := l.socket; s.sent < len(s.request) {
					full <- struct{}{}
				}
				return done
			}
			if got := answer(t, c, parts...); got != "STORED\r\n" {
				t.Errorf("fresh %v, in %d writes: %q", fresh, len(parts), got)
			}
		}
	}
	if cap(c.request) > maxKept {
		t.Errorf("%d bytes are kept for the next request", cap(c.request))
	}
}

func TestARequestIsSentOnceWhetherTheConnectionIsFreshUsedOrStale(t *testing.T) {
	closed := make(chan struct{}, 1)
	c := connected(t, func(c net.Conn) {
		lines := bufio.NewReader(c)
		for range 2 { // then it closes the connection
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			if _, err := lines.ReadString('\n'); err != nil { // the marker
				return
			}
			_, _ = io.WriteString(c, strings.Replace(line, "touch", "TOUCHED", 1)+"VERSION 1\r\n")
		}
		_ = c.Close()
		closed <- struct{}{}
	})
	for i, want := range strings.Fields("fresh used stale used stale") {
		if want == "stale" {
			<-closed
		}
		before := idle(c)
		if got := answer(t, c, "touch "+want+"\r\n"); got != "TOUCHED "+want+"\r\n" {
			t.Errorf("request %d: %q", i, got)
		}
		if replaced := idle(c) != before; replaced != (want != "used") {
			t.Errorf("request %d, %s: replaced %v", i, want, replaced)
		}
	}
}

func TestALinkOnWhichMoreThanTheRepliesCameIsDropped(t *testing.T) {
	for _, said := range []string{
		"TOUCHED\r\nVERSION 1\r\nTOU", // and the rest perhaps after the next request
		"TOUCHED\r\nTOUCHED\r\nVERSION 1\r\nVERSION 1\r\n",
		"ERROR Too many open connections\r\n",
	} {
		c := connected(t, func(c net.Conn) {
			if _, err := io.ReadFull(c, make([]byte, len("touch k 1\r\n"+marker))); err == nil {
				_, _ = io.WriteString(c, said)
			}
		})
		first, _, _ := strings.Cut(said, "\n")
		if got := answer(t, c, "touch k 1\r\n"); got != first+"\n" || idle(c) != nil {
			t.Errorf("%q: answer %q, dropped %v", said, got, idle(c) == nil)
		}
	}
}

func TestAReadAloneIsOneCommandAndItsValueBearsItsKey(t *testing.T) {
	sent := make(chan string, 2)
	c := connected(t, func(c net.Conn) {
		p := make([]byte, 100)
		n, _ := c.Read(p)
		sent <- string(p[:n])
		_, _ = io.WriteString(c, "VALUE another 0 1 1\r\nx\r\nEND\r\n")
	})
	if got, err := ask(c, "gets k\r\n"); err != errOtherKey {
		t.Errorf("answer %q, %v", got, err)
	}
	for range 2 { // the second on another link
		if got := <-sent; got != "gets k\r\n" {
			t.Errorf("sent: %q", got)
		}
	}
}

func TestALinkOfBeforeAResetIsReplaced(t *testing.T) {
	come, release := make(chan struct{}), make(chan struct{})
	c := connected(t, func(c net.Conn) {
		_, _ = io.ReadFull(c, make([]byte, len("touch k 1\r\n"+marker)))
		close(come)
		<-release
		_, _ = io.WriteString(c, "TOUCHED\r\nVERSION 1\r\n")
	})
	done := make(chan string)
	go func() { done <- answer(t, c, "touch k 1\r\n") }()
	<-come
	c.node.reset() // which closes those that are idle, and this one is in use
	close(release)
	if got := <-done; got != "TOUCHED\r\n" || idle(c) != nil && idle(c).epoch != c.node.epoch.Load() {
		t.Errorf("answer %q, kept %v", got, idle(c))
	}
}

func TestWhatAServerSaysAtOnceIsTheAnswer(t *testing.T) {
	const text = "ERROR Too many open connections\r\n"
	c := connected(t, func(c net.Conn) { _, _ = io.WriteString(c, text) })
	if got := answer(t, c, "touch k 1\r\n"); got != text {
		t.Errorf("answer %q", got)
	}
}

// Go's poller may report late what was read long ago.
func TestBeingWokenForNothingIsNoError(t *testing.T) {
	woken := make(chan struct{})
	c := connected(t, func(c net.Conn) {
		for first := true; ; first = false {
			if _, err := io.ReadFull(c, make([]byte, len("touch k 1\r\n"+marker))); err != nil {
				return
			}
			if !first {
				<-woken
			}
			_, _ = io.WriteString(c, "TOUCHED\r\nVERSION 1\r\n")
		}
	})
	_ = answer(t, c, "touch k 1\r\n")
	s := idle(c).socket
	step, times := s.step, 0
	s.step = func(fd uintptr) bool {
		done := step(fd)
		for ; !done && times < 3; times++ { // woken though nothing has come
			if done = step(fd); times == 2 {
				close(woken)
			}
		}
		return done
	}
	if got := answer(t, c, "touch k 1\r\n"); got != "TOUCHED\r\n" {
		t.Errorf("answer %q", got)
	}
}

func TestEachItemOfAReplyDoesNotGetTheWholeTimeAgain(t *testing.T) {
	c := connected(t, func(c net.Conn) {
		if _, err := io.ReadFull(c, make([]byte, len("touch k 1\r\n"+marker))); err == nil {
			_, _ = io.WriteString(c, "TOUCHED\r\nVERSION 1\r\n")
		}
		_, _ = io.Copy(io.Discard, c)
	})
	_ = answer(t, c, "touch k 1\r\n")
	start := time.Now()
	_ = c.SetDeadline(start.Add(100 * time.Millisecond))
	c.limit = c.deadline
	_, _ = c.Write([]byte("gets k\r\n"))
	_ = c.SetDeadline(start.Add(time.Minute)) // as gomemcache does before it reads the first
	if _, err := c.Read(make([]byte, 100)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) > 9*time.Second {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
}

func TestARequestOfWhichNothingWasSentIsRefused(t *testing.T) {
	c := connected(t, touches)
	_ = answer(t, c, "touch k 1\r\n")
	_ = c.SetDeadline(time.Now().Add(-time.Second))
	_, _ = c.Write([]byte("touch k 1\r\n"))
	if _, err := c.Read(make([]byte, 100)); !notSent(err) || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

func TestTheDeadlineOfABusyLinkMovesInStepsAndIsNeverLate(t *testing.T) {
	c := connected(t, touches)
	_ = answer(t, c, "touch k 1\r\n")
	l := idle(c)
	inner := &timed{Conn: l.Conn}
	l.Conn, l.alarm = inner, time.Time{}
	start := time.Now()
	const requests, gap = 160, 10 * time.Millisecond
	timeout := c.node.client.Timeout
	for i := range requests {
		want := start.Add(time.Duration(i)*gap + timeout)
		l.setDeadline(want)
		if early := want.Sub(inner.deadline); early < 0 || early > timeout/alarmSteps {
			t.Fatalf("request %d would end %v early", i, early)
		}
	}
	if most := int(requests*gap/(timeout/alarmSteps)) + 2; inner.moves > most {
		t.Errorf("%d moves, at most %d expected", inner.moves, most)
	}
	sooner := time.Now().Add(timeout / 2) // a request whose call has less time
	if l.setDeadline(sooner); !inner.deadline.Equal(sooner) {
		t.Errorf("deadline in %v", time.Until(inner.deadline))
	}
}

// timed notes its deadline.
type timed struct {
	net.Conn
	deadline time.Time
	moves    int
}

func (c *timed) SetDeadline(t time.Time) error {
	c.deadline = t
	c.moves++
	return c.Conn.SetDeadline(t)
}

// gomemcache gives a request that is longer than its buffer in several writes, with its first 4 KiB in the first.
func TestALongValueIsWrittenAndRead(t *testing.T) {
	got := make(chan string, 1)
	value := bytes.Repeat([]byte("0123456789"), 10_000)
	c := connected(t, func(c net.Conn) {
		in := bufio.NewReader(c)
		line, _ := in.ReadString('\n')
		sent := make([]byte, 100_002)
		_, _ = io.ReadFull(in, sent)
		got <- line + string(sent)
		_, _ = io.WriteString(c, "STORED\r\nVERSION 1\r\n")
		_, _ = io.ReadFull(in, make([]byte, len(marker+"gets k\r\n")))
		_, _ = c.Write(slices.Concat([]byte("VALUE k 0 100000 1\r\n"), value, []byte("\r\nEND\r\n")))
	})
	if err := c.node.client.Add(&memcache.Item{Key: "k", Value: value, Expiration: 60}); err != nil {
		t.Fatal(err)
	}
	if g := <-got; g != "add k 0 60 100000\r\n"+string(value)+"\r\n" {
		t.Errorf("the server got %d bytes: %.40q", len(g), g)
	}
	if item, err := c.node.client.Get("k"); err != nil || !bytes.Equal(item.Value, value) {
		t.Errorf("read: %v", err)
	}
}
