package file_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/file"
	"github.com/sessiongen/sessiongen/runtime/store/storetest"
)

func TestTheStoreConforms(t *testing.T) {
	storetest.Run(t, func(t *testing.T) session.Store { return open(t, newPath(t), file.Options{}, file.Env{}) })
}

func TestTheStoreConformsWhileItTidiesAllTheTime(t *testing.T) {
	storetest.Run(t, func(t *testing.T) session.Store {
		return open(t, newPath(t), file.Options{}, file.Env{Tick: time.Millisecond})
	})
}

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "sessions.db") }

func open(t testing.TB, path string, o file.Options, e file.Env) *file.Store {
	t.Helper()
	s, err := file.OpenWithEnv(path, o, e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func add(t testing.TB, s *file.Store, key, value string, ttl time.Duration) {
	t.Helper()
	if err := s.Add(t.Context(), key, []byte(value), ttl); err != nil {
		t.Fatalf("Add: %v", err)
	}
}

func get(t testing.TB, s *file.Store, key string) (string, session.Version) {
	t.Helper()
	value, v, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatalf("Get: %v", err)
	}
	return string(value), v
}

func closeStore(t testing.TB, s *file.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

// fakeClock is a time that a test moves.
type fakeClock struct{ ns atomic.Int64 }

func newFakeClock() *fakeClock {
	c := new(fakeClock)
	c.ns.Store(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *fakeClock) Now() time.Time          { return time.Unix(0, c.ns.Load()) }
func (c *fakeClock) Advance(d time.Duration) { c.ns.Add(int64(d)) }

func TestSessionsSurviveARestart(t *testing.T) {
	path := newPath(t)
	s := open(t, path, file.Options{}, file.Env{})
	add(t, s, "kept", "one", time.Hour)
	add(t, s, "deleted", "one", time.Hour)
	_, v := get(t, s, "kept")
	if err := s.Swap(t.Context(), "kept", []byte("two"), v, time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), "deleted"); err != nil {
		t.Fatal(err)
	}
	_, before := get(t, s, "kept")
	closeStore(t, s)

	s = open(t, path, file.Options{}, file.Env{})
	got, after := get(t, s, "kept")
	if got != "two" || after != before {
		t.Errorf("%q of version %v, want %q of version %v", got, after, "two", before)
	}
	if _, _, err := s.Get(t.Context(), "deleted"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("the deleted record: %v", err)
	}
}

func TestNoVersionComesTwiceOverRestarts(t *testing.T) {
	path := newPath(t)
	seen := make(map[session.Version]bool)
	for range 5 {
		s := open(t, path, file.Options{}, file.Env{})
		for range 5 {
			if err := s.Delete(t.Context(), "k"); err != nil {
				t.Fatal(err)
			}
			add(t, s, "k", "same", time.Hour)
			_, v := get(t, s, "k")
			if seen[v] {
				t.Fatalf("version %v came twice", v)
			}
			seen[v] = true
		}
		closeStore(t, s)
	}
}

func TestATouchIsWrittenByClose(t *testing.T) {
	path, clock := newPath(t), newFakeClock()
	s := open(t, path, file.Options{}, file.Env{Now: clock.Now})
	add(t, s, "k", "one", time.Minute)
	_, v := get(t, s, "k")
	if err := s.Touch(t.Context(), "k", time.Hour); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)

	clock.Advance(30 * time.Minute)
	s = open(t, path, file.Options{}, file.Env{Now: clock.Now})
	if got, after := get(t, s, "k"); got != "one" || after != v {
		t.Errorf("%q of version %v, want the same as before: %v", got, after, v)
	}
	clock.Advance(30 * time.Minute)
	if _, _, err := s.Get(t.Context(), "k"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("at its end: %v", err)
	}
}

func TestTouchesGoAlongWithTheNextSave(t *testing.T) {
	path, clock := newPath(t), newFakeClock()
	s := open(t, path, file.Options{}, file.Env{Now: clock.Now})
	add(t, s, "touched", "one", time.Minute)
	if err := s.Touch(t.Context(), "touched", time.Hour); err != nil {
		t.Fatal(err)
	}
	add(t, s, "another", "one", time.Hour)
	crashed := copyFile(t, path)

	clock.Advance(30 * time.Minute)
	s = open(t, crashed, file.Options{}, file.Env{Now: clock.Now})
	get(t, s, "touched")
}

func TestTouchesAreWrittenThoughNobodySaves(t *testing.T) {
	path, clock := newPath(t), newFakeClock()
	var commits atomic.Int64
	s := open(t, path, file.Options{}, file.Env{Now: clock.Now, Tick: time.Millisecond, Commit: counting(&commits)})
	add(t, s, "k", "one", time.Minute)
	n := commits.Load()
	if err := s.Touch(t.Context(), "k", time.Hour); err != nil {
		t.Fatal(err)
	}
	servertest.Eventually(t, "a commit", func() bool { return commits.Load() > n })
	crashed := copyFile(t, path)

	clock.Advance(30 * time.Minute)
	s = open(t, crashed, file.Options{}, file.Env{Now: clock.Now})
	get(t, s, "k")
}

// copyFile is what a crash would leave: the file as it is now.
func copyFile(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return writeFile(t, data)
}

func writeFile(t testing.TB, data []byte) string {
	t.Helper()
	path := newPath(t)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func counting(n *atomic.Int64) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		err := tx.Commit()
		n.Add(1)
		return err
	}
}

func TestReadsAndTouchesAndRefusedWritesCommitNothing(t *testing.T) {
	var commits atomic.Int64
	s := open(t, newPath(t), file.Options{}, file.Env{Commit: counting(&commits)})
	add(t, s, "k", "one", time.Hour)
	before := commits.Load()
	ctx := t.Context()
	get(t, s, "k")
	_ = s.Add(ctx, "k", nil, time.Hour)
	_ = s.Swap(ctx, "k", nil, session.Version{1, 1}, time.Hour)
	_ = s.Swap(ctx, "none", nil, session.Version{1, 1}, time.Hour)
	_ = s.Delete(ctx, "none")
	if err := s.Ping(ctx); err != nil {
		t.Errorf("Ping: %v", err)
	}
	if n := commits.Load() - before; n != 0 {
		t.Errorf("%d commits", n)
	}
}

func TestAClosedStoreIsUnavailable(t *testing.T) {
	ctx := t.Context()
	s := open(t, newPath(t), file.Options{}, file.Env{})
	add(t, s, "k", "one", time.Hour)
	closeStore(t, s)
	closeStore(t, s)
	_, _, err := s.Get(ctx, "k")
	for call, err := range map[string]error{
		"Get":    err,
		"Add":    s.Add(ctx, "k2", nil, time.Hour),
		"Swap":   s.Swap(ctx, "k", nil, session.Version{1, 1}, time.Hour),
		"Touch":  s.Touch(ctx, "k", time.Hour),
		"Delete": s.Delete(ctx, "k"),
		"Ping":   s.Ping(ctx),
	} {
		if !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("%s: %v", call, err)
		}
	}
}

func TestCloseWaitsForEveryWriteAndLosesNone(t *testing.T) {
	for range 20 {
		path := newPath(t)
		s := open(t, path, file.Options{}, file.Env{})
		const writers = 32
		errs := make(chan error, writers)
		var acked [writers]atomic.Bool
		for i := range writers {
			go func() {
				err := s.Add(context.Background(), fmt.Sprint(i), []byte("one"), time.Hour)
				acked[i].Store(err == nil)
				errs <- err
			}()
		}
		closeStore(t, s)
		for range writers {
			if err := <-errs; err != nil && !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("Add: %v", err)
			}
		}
		s = open(t, path, file.Options{}, file.Env{})
		for i := range writers {
			if _, _, err := s.Get(t.Context(), fmt.Sprint(i)); (err == nil) != acked[i].Load() {
				t.Errorf("acknowledged: %v; there: %v", acked[i].Load(), err)
			}
		}
		closeStore(t, s)
	}
}

func TestTheFileIsForItsOwnerAlone(t *testing.T) {
	path := newPath(t)
	open(t, path, file.Options{}, file.Env{})
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestAFileThatIsNoneOfOursIsLeftAlone(t *testing.T) {
	other := newPath(t)
	db, err := bolt.Open(other, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(func(tx *bolt.Tx) error { _, err := tx.CreateBucket([]byte("books")); return err }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"another program's database": other,
		"a text":                     writeFile(t, []byte(strings.Repeat("not a database\n", 10_000))),
		"a short text":               writeFile(t, []byte("not a database\n")),
		"a directory":                t.TempDir(),
		"no such directory":          filepath.Join(t.TempDir(), "none", "sessions.db"),
	} {
		before, _ := os.ReadFile(path)
		s, err := file.Open(path)
		if err == nil {
			_ = s.Close()
			t.Errorf("%s: no error", name)
			continue
		}
		if !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v does not say which file", name, err)
		}
		if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
			t.Errorf("%s has changed", name)
		}
	}
}

func TestNoErrorTellsAKeyOrAValue(t *testing.T) {
	s := open(t, newPath(t), file.Options{}, file.Env{Commit: func(*bolt.Tx) error { return errors.New("no") }})
	err := s.Add(t.Context(), "the-key", []byte("the-value"), time.Hour)
	if err == nil || strings.Contains(err.Error(), "the-key") || strings.Contains(err.Error(), "the-value") {
		t.Errorf("%v", err)
	}
}
