package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"testing"
	"time"
)

// go-redis has no deadline when it dials a Sentinel to listen to it, and holds a lock meanwhile.
func TestADialEndsInTimeThoughNobodySetsADeadline(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and never answers a handshake
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	const timeout = 50 * time.Millisecond
	d := &dialer{timeout: timeout, tls: &tls.Config{MinVersion: tls.VersionTLS12}}
	start := time.Now()
	c, err := d.dial(context.Background(), "tcp", l.Addr().String())
	took := time.Since(start)
	if c != nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("dial: %v, %v", c, err)
	}
	t.Logf("ended after %v, timeout %v", took, timeout)
	if took > 100*timeout { // and not for ever
		t.Errorf("ended after %v, timeout %v", took, timeout)
	}
}

// alarms is a connection that remembers which deadlines were set.
type alarms struct {
	net.Conn
	read, write, both []time.Time
}

func (a *alarms) SetReadDeadline(t time.Time) error  { a.read = append(a.read, t); return nil }
func (a *alarms) SetWriteDeadline(t time.Time) error { a.write = append(a.write, t); return nil }
func (a *alarms) SetDeadline(t time.Time) error      { a.both = append(a.both, t); return nil }

func TestDeadlinesMoveInSteps(t *testing.T) {
	const step = time.Second
	set := new(alarms)
	c := &conn{Conn: set, dialer: &dialer{step: step}}
	soon := time.Now().Add(time.Hour)
	for _, after := range []time.Duration{0, step / 2, step, 3 * step / 2, 0} { // the last is earlier
		_ = c.SetReadDeadline(soon.Add(after))
		_ = c.SetWriteDeadline(soon.Add(after))
	}
	_ = c.SetReadDeadline(time.Time{}) // a wait for messages has no end
	want := []time.Time{soon, soon.Add(3 * step / 2), soon, {}}
	if !slices.Equal(set.read, want) {
		t.Errorf("deadlines to read: %v, want %v", set.read, want)
	}
	if want = want[:3]; !slices.Equal(set.write, want) {
		t.Errorf("deadlines to write: %v, want %v", set.write, want)
	}
}

func TestADeadlineThatHasPassedIsTakenAway(t *testing.T) {
	set := new(alarms)
	c := &conn{Conn: set, dialer: &dialer{step: time.Second}}
	_ = c.SetReadDeadline(time.Now().Add(time.Hour))
	_ = c.SetDeadline(time.Time{}) // before the look at an idle connection
	if len(set.both) > 0 {
		t.Error("one that has not passed was taken away")
	}
	_ = c.SetReadDeadline(time.Now().Add(-time.Hour))
	_ = c.SetDeadline(time.Time{})
	if len(set.both) != 1 || !set.both[0].IsZero() {
		t.Errorf("deadlines after one that had passed: %v", set.both)
	}
	if next := time.Now().Add(time.Hour); c.SetReadDeadline(next) != nil || !set.read[len(set.read)-1].Equal(next) {
		t.Error("the next one is not set")
	}
}
