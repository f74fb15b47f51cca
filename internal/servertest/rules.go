//go:build unix

package servertest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// TakesTurns tests that everybody gets the answer to the own request from a server that says everything twice, which
// would make every later reply answer the request before it. What it says second is noticed when it is there before the
// next request goes out, which the test waits for: the server tells of each answer that it has said.
func TakesTurns(t *testing.T, s session.Store, said <-chan struct{}) {
	t.Helper()
	ctx := t.Context()
	const sessions = 50
	for i := range sessions {
		k := fmt.Sprintf("key-%d", i)
		err := s.Add(ctx, k, []byte("of "+k), time.Hour)
		if <-said; err != nil {
			t.Fatalf("add: %v", err)
		}
	}
	for i := range sessions {
		k := fmt.Sprintf("key-%d", i)
		got, v, err := s.Get(ctx, k)
		if <-said; err != nil || string(got) != "of "+k {
			t.Fatalf("get of %s: %q, %v", k, got, err)
		}
		err = s.Swap(ctx, k, []byte("new of "+k), v, time.Hour)
		if <-said; err != nil {
			t.Fatalf("swap: %v", err)
		}
		err = s.Swap(ctx, k, []byte("stale"), v, time.Hour) // the reply before stands on the connection twice
		if <-said; !errors.Is(err, session.ErrStale) {
			t.Fatalf("swap with a stale version: %v", err)
		}
		got, _, err = s.Get(ctx, k)
		if <-said; err != nil || string(got) != "new of "+k {
			t.Fatalf("get of %s, afterwards: %q, %v", k, got, err)
		}
	}
}

// RefusesTooLarge tests that a value of a size is refused as too large, and that the record that was there stays.
func RefusesTooLarge(t *testing.T, s session.Store, size int) {
	t.Helper()
	ctx, key := t.Context(), fmt.Sprint("key-", size)
	if err := s.Add(ctx, key, []byte("one"), time.Hour); err != nil {
		t.Fatalf("add: %v", err)
	}
	_, v, err := s.Get(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	large := make([]byte, size)
	err = s.Swap(ctx, key, large, v, time.Hour)
	if !errors.Is(err, session.ErrTooLarge) || errors.Is(err, session.ErrUnavailable) {
		t.Errorf("swap: %v", err)
	}
	if err := s.Add(ctx, key+"-2", large, time.Hour); !errors.Is(err, session.ErrTooLarge) {
		t.Errorf("add: %v", err)
	}
	if got, _, err := s.Get(ctx, key); err != nil || string(got) != "one" {
		t.Errorf("get: %q, %v", got, err)
	}
	if err := s.Swap(ctx, key, []byte("two"), v, time.Hour); err != nil {
		t.Errorf("swap with the version of before: %v", err)
	}
}

// ComesUpLate tests a store that was opened while its server was stopped, and has been asked so many times in vain: it
// says that it is unavailable, a ping names the address, and once the server is up it is used.
func ComesUpLate(t *testing.T, server *Server, tries int, s Pinger) {
	t.Helper()
	for range tries {
		if _, _, err := s.Get(t.Context(), "k"); !errors.Is(err, session.ErrUnavailable) {
			t.Fatalf("get: %v", err)
		}
	}
	err := s.Ping(t.Context())
	if !errors.Is(err, session.ErrUnavailable) || !strings.Contains(err.Error(), server.Addr()) {
		t.Errorf("ping: %v, want session.ErrUnavailable and the address", err)
	}
	server.Start()
	Eventually(t, "it is used", func() bool {
		_, _, err := s.Get(t.Context(), "k")
		return errors.Is(err, session.ErrNotFound)
	})
	Eventually(t, "ping says so", func() bool { return s.Ping(t.Context()) == nil })
}
