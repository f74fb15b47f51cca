package migrate_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
	"github.com/sessiongen/sessiongen/runtime/store/migrate"
	"github.com/sessiongen/sessiongen/runtime/store/storetest"
)

func TestTheStoreConforms(t *testing.T) {
	storetest.Run(t, func(*testing.T) session.Store { return migrate.New(memory.New(), memory.New(), time.Hour) })
}

func wantIn(t *testing.T, s session.Store, key, want string) {
	t.Helper()
	got, _, err := s.Get(t.Context(), key)
	if err != nil || string(got) != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}

func wantNone(t *testing.T, s session.Store, key string) {
	t.Helper()
	if got, _, err := s.Get(t.Context(), key); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("%q, %v, want none", got, err)
	}
}

func TestARecordMovesWhenItIsUsed(t *testing.T) {
	for call, use := range map[string]func(context.Context, session.Store) error{
		"Get":   func(ctx context.Context, s session.Store) error { _, _, err := s.Get(ctx, "k"); return err },
		"Touch": func(ctx context.Context, s session.Store) error { return s.Touch(ctx, "k", time.Hour) },
		"Add": func(ctx context.Context, s session.Store) error {
			if err := s.Add(ctx, "k", []byte("two"), time.Hour); !errors.Is(err, session.ErrExists) {
				return errors.New("not told that it exists")
			}
			return nil
		},
		"Swap": func(ctx context.Context, s session.Store) error {
			if err := s.Swap(ctx, "k", []byte("two"), session.Version{1, 2}, time.Hour); !errors.Is(err, session.ErrStale) {
				return errors.New("not told that its version is old")
			}
			return nil
		},
	} {
		t.Run(call, func(t *testing.T) {
			to, from := memory.New(), memory.New()
			if err := from.Add(t.Context(), "k", []byte("one"), time.Hour); err != nil {
				t.Fatal(err)
			}
			if err := use(t.Context(), migrate.New(to, from, time.Hour)); err != nil {
				t.Fatal(err)
			}
			wantIn(t, to, "k", "one")
			wantNone(t, from, "k")
		})
	}
}

func TestDeleteGoesToBothStores(t *testing.T) {
	for _, in := range []string{"to", "from", "both", "none"} {
		t.Run(in, func(t *testing.T) {
			to, from := memory.New(), memory.New()
			for _, s := range map[string][]session.Store{"to": {to}, "from": {from}, "both": {to, from}}[in] {
				if err := s.Add(t.Context(), "k", []byte("one"), time.Hour); err != nil {
					t.Fatal(err)
				}
			}
			if err := migrate.New(to, from, time.Hour).Delete(t.Context(), "k"); err != nil {
				t.Fatal(err)
			}
			wantNone(t, to, "k")
			wantNone(t, from, "k")
		})
	}
}

// A server is a store with the two calls that not every store has.
type server struct {
	session.Store
	err    error
	resets int
}

func (s *server) Ping(context.Context) error { return s.err }
func (s *server) Reset()                     { s.resets++ }

func TestPingAndResetGoToBothStores(t *testing.T) {
	a, b := &server{Store: memory.New()}, &server{Store: memory.New()}
	m := migrate.New(a, b, time.Hour).(interface {
		Ping(context.Context) error
		Reset()
	})
	if err := m.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
	m.Reset()
	if a.resets != 1 || b.resets != 1 {
		t.Errorf("%d and %d resets", a.resets, b.resets)
	}
	for _, s := range []*server{a, b} {
		s.err = errors.New("down")
		if err := m.Ping(t.Context()); !errors.Is(err, s.err) {
			t.Errorf("Ping: %v", err)
		}
		s.err = nil
	}
}

func TestAClaimThatWasLeftBehindKeepsNoKeyTaken(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		to, from := newPlain(), newPlain()
		dyingTo, _ := mortal(to, from, 2, true) // it finds nothing, puts its claim there, and is killed
		_, _, _ = migrate.New(dyingTo, from, time.Hour).Get(t.Context(), "k")
		if len(to.records) != 1 {
			t.Fatal("no claim was left behind")
		}
		if err := to.Touch(t.Context(), "k", time.Hour); err != nil { // so that it does not go by itself
			t.Fatal(err)
		}
		s := migrate.New(to, from, time.Hour)
		start := time.Now()
		if err := s.Add(t.Context(), "k", []byte("one"), time.Hour); err != nil {
			t.Errorf("Add: %v", err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("after %v", took)
		}
		wantIn(t, s, "k", "one")
	})
}

func TestRoundTripsAreAsThePackageSays(t *testing.T) {
	to, from := memory.New(), memory.New()
	calls := 0
	count := func(context.Context, string) error { calls++; return nil }
	nothing := func(context.Context, string) error { return nil }
	s := migrate.New(disturb(to, count, nothing), disturb(from, count, nothing), time.Hour)
	if err := from.Add(t.Context(), "old", []byte("one"), time.Hour); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		want int
		call func() error
	}{
		{"a move", 9, func() error { _, _, err := s.Get(t.Context(), "old"); return err }},
		{"a record that has moved", 1, func() error { _, _, err := s.Get(t.Context(), "old"); return err }},
		{"a key that is nowhere", 5, func() error { _, _, _ = s.Get(t.Context(), "none"); return nil }},
		{"a new record", 3, func() error { return s.Add(t.Context(), "new", []byte("one"), time.Hour) }},
	} {
		calls = 0
		if err := c.call(); err != nil || calls != c.want {
			t.Errorf("%s: %d calls and %v, want %d", c.name, calls, err, c.want)
		}
	}
}
