// Package file keeps sessions in one file: for a site that is one process on one machine, needs no server and loses no
// session when it restarts. The file is a bbolt database (go.etcd.io/bbolt); it belongs on a local disk.
//
// # What is not lost
//
// A save or a logout that was acknowledged is on the disk: it survives kill -9 and a loss of power, as far as the
// disk keeps its word to fsync. Saves that come while another one is being written wait for it and are
// written together, by the next commit, so that any number of them share an fsync; one alone waits for its own and
// nothing else.
//
// A touch is kept in memory and written with a later commit, after five seconds at the latest, and by Close. A crash
// loses no more than those: the session then ends those seconds early.
//
// Reading costs no I/O while the file is in the page cache. A machine that runs out of memory or a disk that hangs
// holds up a read for as long as it takes; a write answers at its context's deadline.
//
// # One process
//
// The file is locked while it is open. A second process that opens it, or this one a second time, gets a *InUseError
// within a second, which says which process has it; that number stands in a file beside, named like the first with
// ".pid" behind. When a site is deployed anew, the old process must close the store, or end, before the new one opens
// it. Two processes that serve one site at the same time need memcached, Redis or SQL.
//
// # Room
//
// Records that have ended are removed with later commits, some with each, and within seconds where nothing else is
// written; their space is used again. At Options.MaxSessions a new session takes the place of the one that was used
// longest ago (read, saved or touched), of a passer-by's as long as there is any. (After a restart, reads before it
// are forgotten.) The file keeps its greatest size, which is some twice the records' own bytes, and 16 MB; to make it
// smaller, remove it while the site is down, which logs out everybody. The memory for a session is some 80 bytes,
// whatever its size, and opening a file reads it once, whole.
//
// On a full disk saves are ErrUnavailable, nothing that was there is lost, reads go on, and saves work again when there
// is room. A file that is damaged is an error of Open, or ErrUnavailable for the records in the damaged part. To back
// the file up, copy it while no process has it open.
//
// Records are sealed by package session, and keys are hashed: nobody gets a cookie from the file.
package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// DefaultMaxSessions is how many sessions a store holds unless told otherwise: some 80 MB of memory, and for records
// of 250 bytes a file of some 600 MB.
const DefaultMaxSessions = 1_000_000

// Options are the settings of OpenWithOptions. Open uses the zero value.
type Options struct {
	// MaxSessions bounds the number of sessions. Default DefaultMaxSessions. Concurrent saves may exceed it for a
	// moment.
	MaxSessions int
}

// Store keeps session records in a file. It implements session.Store, and is safe for concurrent use. It must be
// closed.
//
// An error wraps session.ErrUnavailable when nothing was written, and always for Get, Touch and Delete; an Add or a
// Swap whose time was over while it was being written does not, for nobody knows.
type Store struct {
	path    string
	max     int
	env     environment
	opened  atomic.Pointer[opened]
	queue   chan *write
	evicted atomic.Uint64
	failing atomic.Bool // the last commit failed

	closing   chan struct{} // closed by Close
	closeOnce sync.Once
	ended     chan struct{} // closed by the writer when it has written all, and closed the file
	closeErr  error         // set before
}

// opened is the file while it is open, or why it is not.
type opened struct {
	db    *bolt.DB
	index *index
	err   error
	final bool // there is no use in opening it anew
}

// environment is the part of the outside that tests replace.
type environment struct {
	now    func() time.Time
	commit func(*bolt.Tx) error
	tick   time.Duration // how often touches and records that have ended are looked for
}

var _ session.Pooled = (*Store)(nil)

// Anonymous returns the store for the sessions of passers-by, of which a session.Manager makes use: it has the same
// records, and what is added there goes first when there is no room. See session.Pooled.
func (s *Store) Anonymous(whole session.Store) session.Store {
	if whole != session.Store(s) {
		return whole
	}
	return pool{s}
}

// A pool is a store as far as passers-by go.
type pool struct{ *Store }

// Add stores a copy of value under a key that has none.
func (p pool) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return p.write(ctx, &write{verb: failure.Add, anonymous: true}, key, value, ttl)
}

// Get returns a copy of the value under key, and its version.
func (s *Store) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	o, err := s.begin(ctx)
	if err != nil {
		return nil, session.Version{}, s.failure(failure.Get, err)
	}
	k := idOf(key)
	if !o.index.use(k, s.env.now().UnixNano()) {
		return nil, session.Version{}, session.ErrNotFound
	}
	var value []byte
	var h head
	err = sound(func() error {
		return o.db.View(func(tx *bolt.Tx) error {
			record := tx.Bucket(bucketName).Get(k[:])
			var ok bool
			if h, ok = readHead(record); !ok {
				return session.ErrNotFound // removed since, or damaged
			}
			value = bytes.Clone(record[headSize:])
			return nil
		})
	})
	if err != nil {
		return nil, session.Version{}, s.failure(failure.Get, err)
	}
	return value, h.version, nil
}

// Add stores a copy of value under a key that has none.
func (s *Store) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return s.write(ctx, &write{verb: failure.Add}, key, value, ttl)
}

// Swap replaces the value of version v by a copy of value.
func (s *Store) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	return s.write(ctx, &write{verb: failure.Swap, version: v}, key, value, ttl)
}

// Delete removes the record under key.
func (s *Store) Delete(ctx context.Context, key string) error {
	return s.write(ctx, &write{verb: failure.Delete}, key, nil, 0)
}

// write answers from memory where it can, and else when the write is on the disk.
func (s *Store) write(ctx context.Context, w *write, key string, value []byte, ttl time.Duration) error {
	o, err := s.begin(ctx)
	if err == nil && len(value) > bolt.MaxValueSize-headSize {
		err = bolterrors.ErrValueTooLarge
	}
	if err != nil {
		return s.failure(w.verb, err)
	}
	now := s.env.now()
	w.id, w.end = idOf(key), endOf(now, ttl)
	switch there := o.index.use(w.id, now.UnixNano()); {
	case w.verb == failure.Add && there:
		return session.ErrExists
	case w.verb == failure.Swap && !there:
		return session.ErrNotFound
	case w.verb != failure.Delete: // which must find what a write is still about to add, whose caller gave up
		w.record = newRecord(value)
	}
	return s.failure(w.verb, s.submit(ctx, w))
}

// Touch sets the time that the record under key has left, and keeps its version. It needs no I/O.
func (s *Store) Touch(ctx context.Context, key string, ttl time.Duration) error {
	o, err := s.begin(ctx)
	if err != nil {
		return s.failure(failure.Touch, err)
	}
	now := s.env.now()
	if !o.index.touch(idOf(key), now.UnixNano(), endOf(now, ttl)) {
		return session.ErrNotFound
	}
	return nil
}

// Ping is for health checks. It costs no I/O unless the last write failed: then it tries another one.
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.begin(ctx)
	if err == nil && s.failing.Load() {
		err = s.submit(ctx, &write{verb: failure.Ping})
	}
	return s.failure(failure.Ping, err)
}

// Nodes tells how full the file is.
func (s *Store) Nodes(ctx context.Context) []session.Node {
	n := session.Pinged(ctx, s.path, s.Ping)
	if o, err := s.begin(ctx); err == nil {
		n.Detail = fmt.Sprintf("%d records; %d evicted", o.index.len(), s.Evicted())
	}
	return []session.Node{n}
}

// Evicted returns how many sessions had to go before their time because there were too many. If it grows, raise
// Options.MaxSessions.
func (s *Store) Evicted() uint64 { return s.evicted.Load() }

// Close writes the writes and touches that are left, and closes the file. Calls after it are ErrUnavailable.
// It may be called more than once.
func (s *Store) Close() error {
	s.closeOnce.Do(func() { close(s.closing) })
	<-s.ended
	return s.closeErr
}

// begin returns the open file.
func (s *Store) begin(ctx context.Context) (*opened, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	o := s.opened.Load()
	return o, o.err
}

// isAnswer says whether err is one that a store gives when it was reached.
func isAnswer(err error) bool {
	return errors.Is(err, session.ErrNotFound) || errors.Is(err, session.ErrExists) || errors.Is(err, session.ErrStale)
}
