// Package storetest checks that a session.Store does what its documentation says: what each call answers, that values
// and versions are kept apart, that records end when they should and no earlier, and that of several writers one wins.
// It is for the tests of anybody's own store:
//
//	func TestTheStoreConforms(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) session.Store { return mystore.New(addr) })
//	}
//
// Failures of a store's server are left out: only the store's own tests can make a server fail.
package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// Limits of the suite itself. The slack is there for a store that counts in whole seconds and for a machine under load.
const (
	callTimeout = 30 * time.Second       // for one call; a store that answers at all is far below
	forever     = time.Hour              // a ttl that does not end during a test
	shortTTL    = 300 * time.Millisecond // a ttl that does
	expirySlack = 15 * time.Second       // for a record to be gone after its ttl
	pollEvery   = 10 * time.Millisecond
)

// Run runs the suite, each part of it as a subtest with a store of its own from open. The stores may share a server:
// keys are random. The subtests that wait for records to end run at the same time. The suite takes a few
// seconds, most of them waiting for records to end.
func Run(t *testing.T, open func(t *testing.T) session.Store) {
	for _, part := range []struct {
		name  string
		tests []test
	}{
		{"answers", answers()},
		{"values", values()},
		{"versions", versions()},
		{"contexts", contexts()},
		{"races", races()},
		{"model", model()},
		{"pools", pools()},
		{"nodes", nodes()},
		{"expiry", expiry()},
	} {
		t.Run(part.name, func(t *testing.T) {
			var wg sync.WaitGroup
			defer wg.Wait()
			for _, tt := range part.tests {
				run := func() {
					t.Run(tt.name, func(t *testing.T) { tt.run(&fixture{T: t, store: open(t)}) })
				}
				if part.name == "expiry" {
					wg.Go(run) // they wait, and wait together, whatever -parallel says
				} else {
					run()
				}
			}
		})
	}
}

type test struct {
	name string
	run  func(f *fixture)
}

// fixture is one test's store, with calls that fail the test where the outcome is not the point of it.
type fixture struct {
	*testing.T
	store session.Store
}

// key returns a key that nobody else uses.
func (f *fixture) key() string { return "storetest:" + rand.Text() }

// ctx returns a context for one call.
func (f *fixture) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	f.Cleanup(cancel)
	return ctx
}

func (f *fixture) add(key, value string, ttl time.Duration) {
	f.Helper()
	if err := f.store.Add(f.ctx(), key, []byte(value), ttl); err != nil {
		f.Fatalf("Add: %v", err)
	}
}

func (f *fixture) get(key string) (string, session.Version) {
	f.Helper()
	value, v, err := f.store.Get(f.ctx(), key)
	if err != nil {
		f.Fatalf("Get: %v", err)
	}
	return string(value), v
}

func (f *fixture) swap(key, value string, v session.Version, ttl time.Duration) {
	f.Helper()
	if err := f.store.Swap(f.ctx(), key, []byte(value), v, ttl); err != nil {
		f.Fatalf("Swap: %v", err)
	}
}

func (f *fixture) touch(key string, ttl time.Duration) {
	f.Helper()
	if err := f.store.Touch(f.ctx(), key, ttl); err != nil {
		f.Fatalf("Touch: %v", err)
	}
}

func (f *fixture) delete(key string) {
	f.Helper()
	if err := f.store.Delete(f.ctx(), key); err != nil {
		f.Fatalf("Delete: %v", err)
	}
}

// wantValue fails the test unless key has the value.
func (f *fixture) wantValue(key, want string) {
	f.Helper()
	if got, _ := f.get(key); got != want {
		f.Errorf("Get returned %s, want %s", abridge(got), abridge(want))
	}
}

// wantNone fails the test unless there is nothing under key.
func (f *fixture) wantNone(key string) {
	f.Helper()
	value, v, err := f.store.Get(f.ctx(), key)
	f.wantErr("Get", err, session.ErrNotFound)
	if value != nil || v != (session.Version{}) {
		f.Errorf("Get of a missing record returned a value (%d bytes) or a version (%v) as well", len(value), v)
	}
}

// wantErr fails the test unless err is want, and none of the other answers.
func (f *fixture) wantErr(call string, err, want error) {
	f.Helper()
	if !errors.Is(err, want) {
		f.Errorf("%s: %v, want %v", call, err, want)
		return
	}
	for _, other := range []error{session.ErrNotFound, session.ErrExists, session.ErrStale} {
		if other != want && errors.Is(err, other) {
			f.Errorf("%s: the error is %v and %v at once", call, want, other)
		}
	}
}

// isAnswer says whether err is one that a store gives when it was reached.
func isAnswer(err error) bool {
	return errors.Is(err, session.ErrNotFound) || errors.Is(err, session.ErrExists) || errors.Is(err, session.ErrStale)
}

// abridge keeps failure messages readable.
func abridge(value string) string {
	if len(value) > 40 {
		value = value[:40] + "…"
	}
	return string(bytes.ToValidUTF8([]byte(value), []byte("?")))
}
