package memory_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
	"github.com/sessiongen/sessiongen/runtime/store/storetest"
)

func TestThePoolOfAnonymousSessionsConforms(t *testing.T) {
	storetest.Run(t, func(*testing.T) session.Store { return session.AnonymousPool(memory.New()) })
}

// flood is how many passers-by come to a store that has room for a tenth of them.
func flood(t *testing.T) int {
	if raceDetector || testing.Short() { // the detector notes the stack of who used each record first
		return 20_000
	}
	return 1_000_000
}

const recordBytes = 300 // of a small session, with its bookkeeping; never less

func TestNoFloodOfPassersByPushesOutWhoIsLoggedIn(t *testing.T) {
	passers := flood(t)
	const users = 1000
	store := memory.NewWithOptions(memory.Options{MaxBytes: int64(passers/10) * recordBytes})
	sessions, err := fixture.NewSessions(store, session.Config{
		Secrets: [][]byte{fixture.Secret("k")}, Logger: slog.New(slog.DiscardHandler),
		SaveTimeout: time.Minute, // a slow machine is no outage
	})
	if err != nil {
		t.Fatal(err)
	}
	create := func(change func(*fixture.Session)) (token string) {
		s, err := sessions.Load(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		if err != nil {
			t.Fatal(err)
		}
		change(s)
		if err := s.Save(); err != nil {
			t.Fatal(err)
		}
		return s.Meta().Token
	}
	var tokens []string
	for range users {
		tokens = append(tokens, create(func(s *fixture.Session) { s.SetUserID(7) }))
	}
	for range passers {
		create(func(s *fixture.Session) { s.AddVisits(1) })
	}
	lost := 0
	for _, token := range tokens {
		if _, err := sessions.Open(t.Context(), token); err != nil {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d sessions are lost to %d passers-by", lost, users, passers)
	}
	if evicted := int(store.Evicted()); evicted < passers/2 {
		t.Errorf("%d evicted: that was no flood", evicted)
	}
}

// fill adds records to a store until it has weighed in so many bytes, and returns their keys.
func fill(t *testing.T, s session.Store, name string, bytes int) (keys []string) {
	t.Helper()
	const size = 840 // 1,000 with the bookkeeping
	for i := range bytes / 1000 {
		keys = append(keys, fmt.Sprint(name, i))
		if err := s.Add(t.Context(), keys[i], make([]byte, size), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

// left returns how many of the records are there.
func left(t *testing.T, s *memory.Store, keys []string) (n int) {
	t.Helper()
	for _, key := range keys {
		if _, _, err := s.Get(t.Context(), key); err == nil {
			n++
		}
	}
	return n
}

func TestPassersByMakeRoomForWhoLogsIn(t *testing.T) {
	const room = 1_000_000
	s := memory.NewWithOptions(memory.Options{MaxBytes: room})
	pool := session.AnonymousPool(s)
	passers := fill(t, pool, "passer", room)
	users := fill(t, s, "user", room*9/10)
	if n := left(t, s, users); n != len(users) {
		t.Errorf("%d users of %d are left, %d evicted", n, len(users), s.Evicted())
	}
	if n := left(t, s, passers); n > 100 {
		t.Errorf("%d passers-by are left beside %d users: more than the room", n, len(users))
	}
	// and where there is nobody else, users make room for one another, but for what a login needs that has just begun
	more := fill(t, s, "more", room*9/10)
	if n := left(t, s, append(users, more...)); n < 900 || n > 1000 {
		t.Errorf("%d users are left", n)
	}
	for i := range 50 {
		if n := left(t, s, fill(t, pool, fmt.Sprint("login", i), 10_000)); n != 10 {
			t.Fatalf("of ten visitors %d can begin to log in", n)
		}
	}
	if n := left(t, s, more); n < 800 {
		t.Errorf("%d users of %d are left of those who came last", n, len(more))
	}
}

func TestWhoWasUsedLongestAgoGoesFirst(t *testing.T) {
	for name, use := range map[string]func(ctx context.Context, s *memory.Store, key string) error{
		"read":    func(ctx context.Context, s *memory.Store, key string) error { _, _, err := s.Get(ctx, key); return err },
		"touched": func(ctx context.Context, s *memory.Store, key string) error { return s.Touch(ctx, key, time.Hour) },
		"written": func(ctx context.Context, s *memory.Store, key string) error {
			_, v, err := s.Get(ctx, key)
			if err != nil {
				return err
			}
			return s.Swap(ctx, key, make([]byte, 840), v, time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := memory.NewWithOptions(memory.Options{MaxBytes: 5_000_000}) // so many that they are judged by some
			keys := fill(t, s, "user", 4_900_000)
			inUse := keys[:1000]
			for _, key := range inUse {
				if err := use(t.Context(), s, key); err != nil {
					t.Fatal(err)
				}
			}
			latest := fill(t, s, "latest", 2_000_000)
			if n := left(t, s, inUse); n != len(inUse) {
				t.Errorf("%d of %d are left that have been in use", n, len(inUse))
			}
			if n := left(t, s, latest); n != len(latest) {
				t.Errorf("%d of %d are left that came last", n, len(latest))
			}
		})
	}
}

func TestARoomIsNeverOverfullForLong(t *testing.T) {
	const room = 1_000_000
	s := memory.NewWithOptions(memory.Options{MaxBytes: room})
	var wg sync.WaitGroup
	var keys [8][]string
	for i := range keys {
		wg.Go(func() {
			to := session.Store(s)
			if i%2 == 0 {
				to = session.AnonymousPool(s)
			}
			keys[i] = fill(t, to, fmt.Sprint(i, "-"), room)
		})
	}
	wg.Wait()
	last := fill(t, s, "last", 1000)
	if n := left(t, s, slices.Concat(append(keys[:], last)...)); n < 900 || n > 1000 {
		t.Errorf("%d records of 1,000 bytes are left", n)
	}
}

func TestARecordOfAPoolIsFoundThroughBoth(t *testing.T) {
	ctx, s := t.Context(), memory.New()
	pool := session.AnonymousPool(s)
	for name, c := range map[string]struct{ to, through session.Store }{"pool": {pool, s}, "store": {s, pool}} {
		if err := c.to.Add(ctx, name, []byte("one"), time.Hour); err != nil {
			t.Fatal(err)
		}
		if err := c.through.Add(ctx, name, []byte("two"), time.Hour); err != session.ErrExists {
			t.Errorf("%s: Add: %v", name, err)
		}
		value, v, err := c.through.Get(ctx, name)
		if err != nil || string(value) != "one" {
			t.Errorf("%s: Get: %q, %v", name, value, err)
		}
		if err := c.through.Swap(ctx, name, []byte("two"), v, time.Hour); err != nil {
			t.Errorf("%s: Swap: %v", name, err)
		}
		if err := c.through.Touch(ctx, name, time.Minute); err != nil {
			t.Errorf("%s: Touch: %v", name, err)
		}
		if value, _, err := c.to.Get(ctx, name); err != nil || string(value) != "two" {
			t.Errorf("%s: Get: %q, %v", name, value, err)
		}
		if err := c.through.Delete(ctx, name); err != nil {
			t.Errorf("%s: Delete: %v", name, err)
		}
		if _, _, err := c.to.Get(ctx, name); err != session.ErrNotFound {
			t.Errorf("%s: Get after it: %v", name, err)
		}
	}
}

// A counting store does something in its calls, and has not thought of pools.
type counting struct {
	*memory.Store
}

func TestAStoreThatEmbedsThisOneIsNotPassedBy(t *testing.T) {
	s := counting{memory.New()}
	if got := session.AnonymousPool(s); got != session.Store(s) {
		t.Errorf("%T", got)
	}
}
