package memcached

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/sessiongen/sessiongen/internal/servertest"
)

// connected returns a connection to a server that answers as serve does, of a node that is used for nothing else.
func connected(t *testing.T, serve func(net.Conn)) *conn {
	t.Helper()
	n, err := newNode(servertest.Serve(t, serve).Addr(), Options{
		PoolSize: 1, Timeout: 10 * time.Second, IOBudget: 20 * time.Second, MaxItemSize: 1 << 20,
	}, environment{now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	c, err := n.connect(t.Context(), time.Now().Add(n.budget))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c.(*conn)
}

// answer returns what c says to request.
func answer(t *testing.T, c *conn, request ...string) string {
	t.Helper()
	if err := c.SetDeadline(time.Now().Add(c.node.client.Timeout)); err != nil {
		t.Fatal(err)
	}
	for _, part := range request {
		if n, err := c.Write([]byte(part)); err != nil || n != len(part) {
			t.Fatalf("wrote %d bytes: %v", n, err)
		}
	}
	p := make([]byte, 100)
	n, err := c.Read(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(p[:n])
}

// touches answers each touch, and says how many there were.
func touches(c net.Conn) {
	for lines := bufio.NewReader(c); ; {
		if _, err := lines.ReadString('\n'); err != nil {
			return
		}
		_, _ = io.WriteString(c, "TOUCHED\r\n")
	}
}

func TestARequestThatTheSocketTakesInPiecesGoesOutWhole(t *testing.T) {
	line, value := "cas k 0 0 16777216 1\r\n", strings.Repeat("v", 16<<20) // more than the kernel takes at once
	c := connected(t, func(c net.Conn) {
		got := make([]byte, len(line)+len(value)+2)
		time.Sleep(10 * time.Millisecond) // for the socket to fill up
		if _, err := io.ReadFull(c, got); err == nil && string(got) == line+value+"\r\n" {
			_, _ = io.WriteString(c, "STORED\r\n")
		}
	})
	for _, parts := range [][]string{{line + value + "\r\n"}, {line, value, "\r\n"}} {
		_ = c.Close()
		if got := answer(t, c, parts...); got != "STORED\r\n" {
			t.Errorf("in %d writes: %q", len(parts), got)
		}
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
			_, _ = io.WriteString(c, strings.Replace(line, "touch", "TOUCHED", 1))
		}
		_ = c.Close()
		closed <- struct{}{}
	})
	for i, want := range strings.Fields("fresh used stale used stale") {
		if want == "stale" {
			<-closed
		}
		before := c.Conn
		if got := answer(t, c, "touch "+want+"\r\n"); got != "TOUCHED "+want+"\r\n" {
			t.Errorf("request %d: %q", i, got)
		}
		if replaced := c.Conn != before; replaced != (want == "stale") {
			t.Errorf("request %d, %s: replaced %v", i, want, replaced)
		}
	}
}

// A call may end after it has opened a connection and before it sends anything: the key is none.
func TestAConnectionThatWasLeftUnusedIsLookedAtToo(t *testing.T) {
	var accepted atomic.Int32
	closed := make(chan struct{})
	c := connected(t, func(c net.Conn) {
		if accepted.Add(1) == 1 {
			_ = c.Close()
			close(closed)
			return
		}
		touches(c)
	})
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil { // for that call
		t.Fatal(err)
	}
	<-closed
	if got := answer(t, c, "touch k 1\r\n"); got != "TOUCHED\r\n" {
		t.Errorf("answer %q", got)
	}
}

func TestAConnectionOpenedInPlaceOfAnotherHasADeadlineToo(t *testing.T) {
	c := connected(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	end := time.Now().Add(2 * time.Second)
	for range 2 {
		c.drop()
		if err := c.SetDeadline(end); err != nil {
			t.Fatal(err)
		}
		if err := c.ready(); err != nil {
			t.Fatal(err)
		}
	}
	inner := c.Conn
	defer time.AfterFunc(time.Minute, func() { _ = inner.Close() }).Stop()
	if _, err := inner.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

func TestAConnectionOnWhichMoreThanAReplyCameIsDropped(t *testing.T) {
	c := connected(t, func(c net.Conn) {
		if _, err := bufio.NewReader(c).ReadString('\n'); err == nil {
			_, _ = io.WriteString(c, "TOUCHED\r\nTOU") // and the rest perhaps after the next request
		}
	})
	if got := answer(t, c, "touch k 1\r\n"); got != "TOUCHED\r\n" || c.Conn != nil {
		t.Errorf("answer %q, dropped %v", got, c.Conn == nil)
	}
}

func TestAConnectionOfBeforeAResetIsReplaced(t *testing.T) {
	c := connected(t, touches)
	_ = answer(t, c, "touch k 1\r\n")
	before := c.Conn
	c.node.reset() // which closes those that are idle, and this one was in use
	if got := answer(t, c, "touch k 1\r\n"); got != "TOUCHED\r\n" || c.Conn == before {
		t.Errorf("answer %q, replaced %v", got, c.Conn != before)
	}
}

func TestWhatAServerSaysAtOnceIsTheAnswer(t *testing.T) {
	const text = "ERROR Too many open connections\r\n"
	said := make(chan struct{})
	c := connected(t, func(c net.Conn) {
		_, _ = io.WriteString(c, text)
		close(said)
	})
	<-said
	before := c.Conn
	if got := answer(t, c, "touch k 1\r\n"); got != text || c.Conn != before {
		t.Errorf("answer %q, replaced %v", got, c.Conn != before)
	}
}

// Go's poller may report late what was read long ago.
func TestBeingWokenForNothingIsNoError(t *testing.T) {
	c := connected(t, func(c net.Conn) {
		time.Sleep(20 * time.Millisecond)
		touches(c)
	})
	step := c.socket.step
	c.socket.step = func(fd uintptr) bool {
		done := step(fd)
		if !done { // woken though nothing has come
			done = step(fd)
		}
		return done
	}
	if got := answer(t, c, "touch k 1\r\n"); got != "TOUCHED\r\n" {
		t.Errorf("answer %q", got)
	}
}

func TestEachItemOfAReplyDoesNotGetTheWholeTimeAgain(t *testing.T) {
	c := connected(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	start := time.Now()
	if err := c.SetDeadline(start.Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("gets k\r\n")); err != nil {
		t.Fatal(err)
	}
	if err := c.SetDeadline(start.Add(10 * time.Second)); err != nil { // as gomemcache does before it reads the first
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 100)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) > 9*time.Second {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
}

func TestARequestOfWhichNothingWasSentIsRefused(t *testing.T) {
	c := connected(t, touches)
	_ = answer(t, c, "touch k 1\r\n")
	if err := c.SetDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("touch k 1\r\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 100)); !notSent(err) || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

func TestTheDeadlineOfABusyConnectionMovesInStepsAndIsNeverLate(t *testing.T) {
	c := connected(t, touches)
	_ = answer(t, c, "touch k 1\r\n")
	inner := &timed{Conn: c.Conn}
	c.Conn, c.alarm = inner, time.Time{}
	start := time.Now()
	const requests, gap = 160, 10 * time.Millisecond
	timeout := c.node.client.Timeout
	for i := range requests {
		want := start.Add(time.Duration(i)*gap + timeout)
		if err := c.SetDeadline(want); err != nil {
			t.Fatal(err)
		}
		if err := c.ready(); err != nil {
			t.Fatal(err)
		}
		if early := want.Sub(inner.deadline); early < 0 || early > timeout/alarmSteps {
			t.Fatalf("request %d would end %v early", i, early)
		}
	}
	if most := int(requests*gap/(timeout/alarmSteps)) + 2; inner.moves > most {
		t.Errorf("%d moves, at most %d expected", inner.moves, most)
	}
	sooner := time.Now().Add(timeout / 2) // the first request of a call that has less time
	if err := c.SetDeadline(sooner); err != nil {
		t.Fatal(err)
	}
	if err := c.ready(); err != nil || !inner.deadline.Equal(sooner) {
		t.Errorf("deadline in %v: %v", time.Until(inner.deadline), err)
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
	c := connected(t, func(c net.Conn) {
		in := bufio.NewReader(c)
		line, _ := in.ReadString('\n')
		value := make([]byte, 100_002)
		_, _ = io.ReadFull(in, value)
		got <- line + string(value)
		_, _ = io.WriteString(c, "STORED\r\n")
	})
	value := bytes.Repeat([]byte("0123456789"), 10_000)
	if err := c.node.client.Add(&memcache.Item{Key: "k", Value: value, Expiration: 60}); err != nil {
		t.Fatal(err)
	}
	if g := <-got; g != "add k 0 60 100000\r\n"+string(value)+"\r\n" {
		t.Errorf("the server got %d bytes: %.40q", len(g), g)
	}
}
