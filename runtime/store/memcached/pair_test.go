package memcached

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func pairStore(t *testing.T, servers ...*servertest.Server) *Store {
	t.Helper()
	o := Options{Timeout: 10 * time.Second}
	for _, s := range servers {
		o.Addrs = append(o.Addrs, s.Addr())
	}
	s, err := NewWithOptions(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Reset)
	return s
}

func TestAPairIsWhatTwoGetsWouldReturn(t *testing.T) {
	s := pairStore(t, servertest.Memcached(t))
	rng := rand.New(rand.NewPCG(1, 1))
	values := map[string][]byte{}
	for i, size := range []int{0, 1, 2, 53, 250, 4000, 4090, 4096, 5000, 70_000, 1_000_000} {
		key := fmt.Sprint("key", i)
		value := make([]byte, size)
		for n := range value {
			value[n] = "\r\nEND VALUE x"[rng.IntN(13)]
		}
		if err := s.Add(t.Context(), key, value, time.Minute); err != nil {
			t.Fatal(err)
		}
		values[key] = value
	}
	for _, first := range []string{"key0", "key1", "key4", "key7", "key10", "none"} {
		for i := range 12 {
			second := fmt.Sprint("key", i)
			a, b, ok := s.GetPair(t.Context(), first, second)
			if want := first != second && values[first] != nil && values[second] != nil; ok != want {
				t.Fatalf("%s and %s: %v", first, second, ok)
			}
			if !ok {
				continue
			}
			for key, got := range map[string]session.Got{first: a, second: b} {
				value, v, err := s.Get(t.Context(), key)
				if !errors.Is(got.Err, err) || !bytes.Equal(got.Value, value) || got.Version != v || len(got.Value) != cap(got.Value) {
					t.Errorf("%s of %s and %s: %d bytes, %v, %v, want %d, %v, %v",
						key, first, second, len(got.Value), got.Version, got.Err, len(value), v, err)
				}
			}
		}
	}
}

func TestTwoKeysThatCannotTravelTogetherAreNoPair(t *testing.T) {
	s := pairStore(t, servertest.Memcached(t), servertest.Memcached(t))
	together := 0
	put(t, s, "a", "x")
	for i := range 100 {
		put(t, s, fmt.Sprint(i), "y")
		a, b, ok := s.GetPair(t.Context(), "a", fmt.Sprint(i))
		if ok != (s.nodes.pick("a") == s.nodes.pick(fmt.Sprint(i))) {
			t.Fatal("keys of two nodes")
		}
		if ok {
			together++
			if string(a.Value) != "x" || string(b.Value) != "y" {
				t.Errorf("%q, %q", a.Value, b.Value)
			}
		}
	}
	if together == 0 || together == 100 {
		t.Errorf("%d of 100 share a node", together)
	}
	one := pairStore(t, servertest.Memcached(t))
	long, longer := strings.Repeat("a", 125), strings.Repeat("b", 125)
	put(t, one, long, "x")
	put(t, one, longer, "y")
	if _, _, ok := one.GetPair(t.Context(), long, longer); ok {
		t.Error("keys that are too long for one command")
	}
}

func TestPairsAndOtherCallsShareConnections(t *testing.T) {
	s := pairStore(t, servertest.Memcached(t))
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			first, second := fmt.Sprint("f", i), fmt.Sprint("s", i)
			put(t, s, second, second)
			for n := range 200 {
				value := []byte(fmt.Sprint(i, " ", n))
				_ = s.Delete(t.Context(), first)
				if err := s.Add(t.Context(), first, value, time.Minute); err != nil {
					t.Error(err)
				}
				a, b, ok := s.GetPair(t.Context(), first, second)
				if !ok {
					t.Error("no pair")
				}
				if a.Err != nil || !bytes.Equal(a.Value, value) || b.Err != nil || string(b.Value) != second {
					t.Errorf("%q, %v and %q, %v", a.Value, a.Err, b.Value, b.Err)
				}
				if got, _, err := s.Get(t.Context(), first); err != nil || !bytes.Equal(got, value) {
					t.Errorf("%q, %v", got, err)
				}
			}
		})
	}
	all.Wait()
}

// A pair of which a batch has brought one part is asked for once more, alone.
func TestPairsThatLackAPartAreNoneHoweverTheyTravel(t *testing.T) {
	s := pairStore(t, servertest.Memcached(t))
	put(t, s, "shared", "x")
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			own := fmt.Sprint("own", i)
			if i%2 == 0 {
				put(t, s, own, own)
			}
			for range 200 {
				a, b, ok := s.GetPair(t.Context(), own, "shared")
				if ok != (i%2 == 0) || ok && (string(a.Value) != own || string(b.Value) != "x") {
					t.Errorf("%v: %q, %v and %q, %v", ok, a.Value, a.Err, b.Value, b.Err)
				}
			}
		})
	}
	all.Wait()
}

func TestAPairOfADeadNodeIsUnavailable(t *testing.T) {
	server := servertest.Memcached(t)
	s := pairStore(t, server)
	server.Stop()
	a, b, ok := s.GetPair(t.Context(), "a", "b")
	if !ok || !errors.Is(a.Err, session.ErrUnavailable) || !errors.Is(b.Err, session.ErrUnavailable) {
		t.Errorf("%v, %v, %v", a.Err, b.Err, ok)
	}
}

func FuzzTakeItem(f *testing.F) {
	f.Add([]byte("VALUE a 0 1 5\r\nx\r\nVALUE a 0 0 6\r\n\r\n"))
	f.Add([]byte("VALUE a  0 \n000")) // a line that does not end in CR LF
	f.Fuzz(func(t *testing.T, reply []byte) {
		for range len(reply) + 1 {
			got, rest, ok := takeItem(reply, "a")
			if !ok {
				return
			}
			if len(rest) >= len(reply) || len(got.Value) > len(reply) {
				t.Fatal("it does not go on")
			}
			reply = rest
		}
	})
}

func put(t *testing.T, s *Store, key, value string) {
	t.Helper()
	if err := s.Add(t.Context(), key, []byte(value), time.Minute); err != nil {
		t.Error(err)
	}
}
