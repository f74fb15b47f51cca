package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
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
