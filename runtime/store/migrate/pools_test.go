package migrate_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
	"github.com/sessiongen/sessiongen/runtime/store/migrate"
)

// A passer-by's session that moves stays one: it goes first where it has moved to.
func TestAnAnonymousSessionMovesIntoThePoolOfTheOtherStore(t *testing.T) {
	from, to := memory.New(), memory.NewWithOptions(memory.Options{MaxBytes: 1_000_000})
	m := migrate.New(to, from, time.Hour)
	pool := session.AnonymousPool(m)
	value := make([]byte, 840) // 1,000 bytes of a store in memory
	if err := from.Add(t.Context(), "user", value, time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, _, err := m.Get(t.Context(), "user"); err != nil {
		t.Fatal(err)
	}
	for i := range 5000 {
		key := fmt.Sprint("passer", i)
		if err := session.AnonymousPool(from).Add(t.Context(), key, value, time.Hour); err != nil {
			t.Fatal(err)
		}
		if _, _, err := pool.Get(t.Context(), key); err != nil && !errors.Is(err, session.ErrNotFound) { // evicted at once
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(time.Minute); to.Evicted() < 4000; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d evicted", to.Evicted())
		}
	}
	if _, _, err := to.Get(t.Context(), "user"); err != nil {
		t.Errorf("who is logged in: %v", err)
	}
	if _, _, err := from.Get(t.Context(), "passer0"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("what has moved is still there: %v", err)
	}
}

func TestAMigrationIntoAPoolFindsWhatIsInTheRest(t *testing.T) {
	rest := newPlain()
	pool := newPlain()
	s := session.Pools(migrate.New(pool, rest, time.Hour), rest)
	if err := rest.Add(t.Context(), "passer", []byte("one"), time.Hour); err != nil {
		t.Fatal(err)
	}
	if value, _, err := session.AnonymousPool(s).Get(t.Context(), "passer"); err != nil || string(value) != "one" {
		t.Errorf("%q, %v", value, err)
	}
	if len(pool.records) != 1 || len(rest.records) != 0 {
		t.Errorf("%d records in the pool, %d in the rest", len(pool.records), len(rest.records))
	}
}
