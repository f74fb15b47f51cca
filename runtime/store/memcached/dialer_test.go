package memcached

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// names is a name server in a test.
type names struct{ hosts atomic.Pointer[[]string] }

func (n *names) set(hosts ...string) { n.hosts.Store(&hosts) }

func (n *names) lookup(context.Context, string) ([]string, error) {
	if hosts := *n.hosts.Load(); len(hosts) > 0 {
		return hosts, nil
	}
	return nil, errors.New("the name server is down")
}

// movable starts two fake nodes with the same port on different hosts, and a store on a name for the first.
func movable(t *testing.T) (s *Store, dns *names, advance func(time.Duration), first, second *servertest.Fake) {
	t.Helper()
	first = servertest.NewFake(t, nil)
	_, port, err := net.SplitHostPort(first.Addr())
	if err != nil {
		t.Fatal(err)
	}
	second = servertest.NewFakeOn(t, net.JoinHostPort("127.0.0.2", port), nil)
	dns = new(names)
	dns.set("127.0.0.1")
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	o := Options{Addrs: []string{"cache.test:" + port}, Timeout: 5 * time.Second, IOBudget: 10 * time.Second}
	s, err = newStore(o, environment{now, dns.lookup})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Reset)
	return s, dns, func(d time.Duration) { ahead.Add(int64(d)) }, first, second
}

// found says whether a store reaches a node that has the record.
func found(t *testing.T, s *Store, key string) bool {
	t.Helper()
	_, _, err := s.Get(t.Context(), key)
	if err != nil && !errors.Is(err, session.ErrNotFound) {
		t.Errorf("get: %v", err)
	}
	return err == nil
}

func TestANameThatMovedIsFollowedThoughTheOldServerStillAnswers(t *testing.T) {
	s, dns, advance, _, second := movable(t)
	if err := s.Add(t.Context(), "k", []byte("on the first"), time.Hour); err != nil {
		t.Fatal(err)
	}
	dns.set("127.0.0.2")
	if !found(t, s, "k") {
		t.Error("left the first server without having looked the name up")
	}
	advance(lookupEvery)
	servertest.Eventually(t, "the second server is asked", func() bool { return !found(t, s, "k") })
	if second.Accepted() == 0 {
		t.Error("the second server was not asked")
	}
}

func TestANameThatMovedIsFollowedSoonWhenTheOldServerIsGone(t *testing.T) {
	s, dns, advance, first, second := movable(t)
	if err := s.Add(t.Context(), "k", []byte("on the first"), time.Hour); err != nil {
		t.Fatal(err)
	}
	dns.set("127.0.0.2")
	first.Close()
	advance(lookupAfterFailure)
	servertest.Eventually(t, "the second server is asked", func() bool {
		_, _, err := s.Get(t.Context(), "k")
		return errors.Is(err, session.ErrNotFound)
	})
	if second.Accepted() == 0 {
		t.Error("the second server was not asked")
	}
}

func TestWhileNoNameServerAnswersTheLastAddressesAreUsed(t *testing.T) {
	s, dns, advance, _, _ := movable(t)
	if err := s.Add(t.Context(), "k", []byte("one"), time.Hour); err != nil {
		t.Fatal(err)
	}
	dns.set()
	for range 10 {
		advance(lookupEvery)
		s.Reset()
		if !found(t, s, "k") {
			t.Fatal("the record is gone")
		}
	}
}

func TestOfSeveralAddressesTheFirstInOrderThatAcceptsIsUsed(t *testing.T) {
	s, dns, advance, first, _ := movable(t)
	if err := s.Add(t.Context(), "k", []byte("one"), time.Hour); err != nil {
		t.Fatal(err)
	}
	for _, hosts := range [][]string{{"127.0.0.2", "127.0.0.1"}, {"::1", "127.0.0.1", "127.0.0.2"}} {
		dns.set(hosts...)
		advance(lookupEvery)
		found(t, s, "k")
		servertest.Eventually(t, "they are known", func() bool { return len(s.nodes[0].dialer.known.Load().list) == len(hosts) })
		s.Reset()
		if !found(t, s, "k") {
			t.Errorf("of %v another than 127.0.0.1 was asked", hosts)
		}
	}
	first.Close()
	servertest.Eventually(t, "the next one is asked", func() bool {
		_, _, err := s.Get(t.Context(), "k")
		return errors.Is(err, session.ErrNotFound)
	})
	if list := s.nodes[0].dialer.known.Load().list; !slices.IsSorted(list) {
		t.Errorf("the addresses are in no order: %v", list)
	}
}
