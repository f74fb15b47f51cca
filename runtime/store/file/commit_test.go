package file_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/file"
)

// A gate holds each commit until the test lets it go on.
type gate struct {
	reached, open chan struct{}
}

func newGate() *gate { return &gate{make(chan struct{}), make(chan struct{})} }

func (g *gate) commit(tx *bolt.Tx) error {
	g.reached <- struct{}{}
	<-g.open
	return tx.Commit()
}

func (g *gate) pass() {
	<-g.reached
	g.open <- struct{}{}
}

func TestSavesThatComeDuringACommitShareTheNextOne(t *testing.T) {
	const others = 63
	g, ctx := newGate(), t.Context()
	s := open(t, newPath(t), file.Options{}, file.Env{Commit: g.commit})
	var wg sync.WaitGroup
	save := func(key string) {
		wg.Go(func() {
			if err := s.Add(ctx, key, []byte(key), time.Hour); err != nil {
				t.Errorf("Add: %v", err)
			}
		})
	}
	save("first")
	<-g.reached // alone, it waits for nobody
	for i := range others {
		save(fmt.Sprint(i))
	}
	servertest.Eventually(t, "the others", func() bool { return s.Queued() == others })
	g.open <- struct{}{}
	g.pass()
	wg.Wait() // no third commit is needed, or this would not end
	for i := range others {
		if got, _ := get(t, s, fmt.Sprint(i)); got != fmt.Sprint(i) {
			t.Errorf("%d: %q", i, got)
		}
	}
}

// 64 savers share a commit, which has two fsyncs, by some thirty on the average: all in one, or all but one. The test
// has no clock: it lets a commit go on when every saver waits.
func TestSixtyFourSaversNeedATwentiethOfTheCommits(t *testing.T) {
	const savers, rounds = 64, 50
	var commits, under atomic.Int64
	s := open(t, newPath(t), file.Options{}, file.Env{Commit: func(tx *bolt.Tx) error {
		commits.Add(1)
		deadline := time.Now().Add(5 * time.Millisecond) // the fsync takes so long
		for time.Now().Before(deadline) && under.Load() < savers {
			time.Sleep(50 * time.Microsecond)
		}
		return tx.Commit()
	}})
	var wg sync.WaitGroup
	for i := range savers {
		wg.Go(func() {
			for n := range rounds {
				under.Add(1)
				err := s.Add(t.Context(), fmt.Sprint(i, ".", n), []byte("one"), time.Hour)
				under.Add(-1)
				if err != nil {
					t.Errorf("Add: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if n := commits.Load(); n > savers*rounds/20 {
		t.Errorf("%d commits for %d saves", n, savers*rounds)
	}
}

func TestASaveGivesUpAtItsDeadlineAndSaysWhatItKnows(t *testing.T) {
	g := newGate()
	s := open(t, newPath(t), file.Options{}, file.Env{Commit: g.commit})
	deadline := func() context.Context {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		t.Cleanup(cancel)
		return ctx
	}
	// The first is in a commit that hangs; the second waits for the next one.
	first := s.Add(deadline(), "first", []byte("one"), time.Hour)
	if !errors.Is(first, context.DeadlineExceeded) || errors.Is(first, session.ErrUnavailable) {
		t.Errorf("while it is being written: %v, want what leaves open whether it was", first)
	}
	second := s.Add(deadline(), "second", []byte("one"), time.Hour)
	if !errors.Is(second, context.DeadlineExceeded) || !errors.Is(second, session.ErrUnavailable) {
		t.Errorf("before it was taken: %v, want unavailable", second)
	}
	deleted := make(chan error)
	go func() { deleted <- s.Delete(t.Context(), "first") }()
	servertest.Eventually(t, "the Delete", func() bool { return s.Queued() == 2 })
	g.pass()
	g.pass() // the Delete's
	if err := <-deleted; err != nil {
		t.Errorf("Delete: %v", err)
	}
	for _, key := range []string{"first", "second"} {
		if _, _, err := s.Get(t.Context(), key); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func TestWritesOfOneCommitSeeEachOther(t *testing.T) {
	g, ctx := newGate(), t.Context()
	s := open(t, newPath(t), file.Options{}, file.Env{Commit: g.commit})
	held := make(chan error)
	go func() { held <- s.Add(ctx, "held", nil, time.Hour) }()
	<-g.reached
	const contenders = 16
	errs := make(chan error, contenders)
	for range contenders {
		go func() { errs <- s.Add(ctx, "k", []byte("one"), time.Hour) }()
	}
	servertest.Eventually(t, "the contenders", func() bool { return s.Queued() == contenders })
	g.open <- struct{}{}
	g.pass()
	won := 0
	for range contenders {
		switch err := <-errs; {
		case err == nil:
			won++
		case !errors.Is(err, session.ErrExists):
			t.Errorf("Add: %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d won", won, contenders)
	}
	if err := <-held; err != nil {
		t.Error(err)
	}
}

var errDisk = errors.New("input/output error")

func TestAFailedCommitChangesNothingAndTheNextOneWorks(t *testing.T) {
	var failing atomic.Bool
	s := open(t, newPath(t), file.Options{}, file.Env{Commit: func(tx *bolt.Tx) error {
		if failing.Load() {
			return errDisk // and rolls back
		}
		return tx.Commit()
	}})
	ctx := t.Context()
	add(t, s, "k", "one", time.Hour)
	_, v := get(t, s, "k")

	failing.Store(true)
	for call, err := range map[string]error{
		"Add":    s.Add(ctx, "k2", []byte("two"), time.Hour),
		"Swap":   s.Swap(ctx, "k", []byte("two"), v, time.Hour),
		"Delete": s.Delete(ctx, "k"),
		"Ping":   s.Ping(ctx),
	} {
		if !errors.Is(err, session.ErrUnavailable) || !errors.Is(err, errDisk) {
			t.Errorf("%s: %v", call, err)
		}
	}
	if got, after := get(t, s, "k"); got != "one" || after != v {
		t.Errorf("after the failures: %q of version %v, want %q of %v", got, after, "one", v)
	}
	if err := s.Touch(ctx, "k", 2*time.Hour); err != nil {
		t.Errorf("Touch, which needs no disk: %v", err)
	}

	failing.Store(false)
	if err := s.Ping(ctx); err != nil {
		t.Errorf("Ping: %v", err)
	}
	if err := s.Swap(ctx, "k", []byte("two"), v, time.Hour); err != nil {
		t.Errorf("Swap: %v", err)
	}
	add(t, s, "k2", "two", time.Hour)
}

// The disk has taken the page by which the transaction counts, and fails when it is to say that it will keep it.
func TestACommitThatMayHaveHappenedIsUnknownAndTheFileIsOpenedAnew(t *testing.T) {
	var failing atomic.Bool
	path := newPath(t)
	s := open(t, path, file.Options{}, file.Env{Commit: func(tx *bolt.Tx) error {
		err := tx.Commit()
		if err == nil && failing.CompareAndSwap(true, false) {
			err = errDisk
		}
		return err
	}})
	ctx := t.Context()
	for i := range 100 {
		add(t, s, fmt.Sprint(i), "one", time.Hour)
	}
	failing.Store(true)
	err := s.Add(ctx, "k", []byte("one"), time.Hour)
	if !errors.Is(err, errDisk) || errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Add: %v, want what leaves open whether it was written", err)
	}
	get(t, s, "k") // here it was
	failing.Store(true)
	if err := s.Delete(ctx, "k"); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Delete: %v", err)
	}
	for i := range 100 {
		_, v := get(t, s, fmt.Sprint(i))
		if err := s.Swap(ctx, fmt.Sprint(i), []byte("two"), v, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	closeStore(t, s)
	check(t, path)
	s = open(t, path, file.Options{}, file.Env{})
	for i := range 100 {
		if got, _ := get(t, s, fmt.Sprint(i)); got != "two" {
			t.Errorf("%d: %q", i, got)
		}
	}
}

func TestAfterAPanicOverADamagedPageTheStoreIsOutOfService(t *testing.T) {
	var failing atomic.Bool
	path := newPath(t)
	s := open(t, path, file.Options{}, file.Env{Commit: func(tx *bolt.Tx) error {
		if failing.Load() {
			panic("page 7: unexpected page type")
		}
		return tx.Commit()
	}})
	ctx := t.Context()
	add(t, s, "k", "one", time.Hour)
	failing.Store(true)
	if err := s.Delete(ctx, "k"); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Delete: %v", err)
	}
	if _, _, err := s.Get(ctx, "k"); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Get: %v", err)
	}
	if err := s.Add(ctx, "k2", nil, time.Hour); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Add: %v", err)
	}
	closeStore(t, s)
	s = open(t, copyFile(t, path), file.Options{}, file.Env{})
	get(t, s, "k")
}

// check looks at every page of a file that nobody has open.
func check(t testing.TB, path string) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, PreLoadFreelist: true, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.View(func(tx *bolt.Tx) error {
		for err := range tx.Check() {
			t.Errorf("check: %v", err)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}
