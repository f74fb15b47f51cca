// Package redis keeps sessions in Redis, or what speaks its protocol: on one node, on a master that Sentinels watch, or
// on a Cluster, through github.com/redis/go-redis/v9. It is for sites that must not lose sessions when a process or a
// machine goes down.
//
// A record is one string under one key: 16 random bytes that name the write, then the value. Compare-and-swap is a
// script that looks at the former; every call is atomic on its own key and needs nothing of any other, so that a
// Cluster may place the records as it likes.
//
// go-redis speaks the protocol and finds the nodes. This package adds what it leaves to its users: limits in time that
// a session can live with, writes that are never sent twice, replies that are believed only within bounds, connections
// that are never used when they have gone stale or out of step, and reads and writes that travel together when many
// come at once. go-redis writes remarks of its own to standard error; its SetLogger, for the whole process, is left to
// the program.
//
// # What is not lost
//
// A save that was acknowledged is in the master's memory, no more.
//
// It survives a restart as far as Redis had written it down: with "appendonly yes" and "appendfsync everysec" all but
// the last second or so, with "appendfsync always" everything, at the price of a disk write for each save. Without
// persistence a restart logs everybody out, and a master that comes back empty before anyone has taken over empties its
// replicas.
//
// It survives a failover as far as it had reached the replica that takes over: replication is asynchronous, and the
// last moments of a master that died may be missing. Then a session is as it was moments before, one that was created
// in them is gone, and one that was destroyed in them is back until it expires. "min-replicas-to-write" with
// "min-replicas-max-lag" bounds those moments. While a failover lasts, sessions are unavailable, which is never a
// logout.
//
// # What Redis should be told
//
//   - maxmemory-policy noeviction refuses new sessions when memory is full, which is an outage that somebody notices;
//     volatile-ttl ends those that are closest to their end, which is a logout of their visitors. The other policies
//     end sessions that are in use.
//   - cluster-require-full-coverage no, so that a lost node is an outage for its own visitors only.
//   - With ACLs: +ping +get +set +pexpire +del +eval +evalsha +getrange on the keys ~prefix*; with another database than
//     0 +select too, and on a Cluster +cluster|slots.
//   - Scripts are needed: where EVAL or EVALSHA is renamed away, or the user has no right to them, every save is
//     refused, and Ping says so.
//
// A value under a session's key that is no record of this package, too short for one or no string at all, is a session
// that has ended: Get returns what is there, which nobody can open, and a Swap of a record that was there before says
// session.ErrStale.
//
// Reads go to masters only: a replica's record may be older than the one that a visitor has already seen.
package redis

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// Store keeps session records in Redis. It implements session.Store, and is safe for concurrent use.
//
// A call ends within Options.IOBudget, or at its context's deadline if that is earlier; cancelling the context while
// the call is under way does not end it sooner. An error wraps session.ErrUnavailable when nothing was written, and
// always for Get, Touch and Delete; an Add or a Swap that failed after its bytes had gone out does not, for nobody
// knows. Such a call is never sent a second time behind the caller's back: a Swap that had worked would then say
// session.ErrStale.
type Store struct {
	client  goredis.UniversalClient
	name    string // for error texts
	budget  time.Duration
	maxItem int
	dialer  *dialer               // nil for somebody else's client
	term    *atomic.Pointer[term] // the latest; nil without a budget
	batches *batches              // nil: each call goes alone
}

var _ session.Store = (*Store)(nil)

// Get returns the value under key.
func (s *Store) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	stored, err := s.get(ctx, key, false)
	short := err == nil && len(stored) < versionSize
	if short || s.dialer != nil && worthAnotherRead(err) {
		if short || errors.Is(err, errReply) {
			// Perhaps a reply too many on this connection, and on others: every later one answers the request before.
			s.Reset()
		}
		stored, err = s.get(ctx, key, true)
	}
	if err != nil {
		return nil, session.Version{}, s.failure(failure.Get, err, true)
	}
	return valueOf(stored), versionOf(stored), nil
}

func (s *Store) get(ctx context.Context, key string, alone bool) ([]byte, error) {
	cmd := goredis.NewStringCmd(ctx, "get", key)
	var err error
	if t, usual := ctx.(*term); usual && s.batches != nil && !alone {
		err = s.travel(t, &s.batches.reads, cmd, 1, 0)
	} else {
		err = s.process(ctx, cmd, 1)
	}
	if err != nil && goredis.HasErrorPrefix(err, "WRONGTYPE") { // a list, a hash, …: a value of which there is nothing to show
		return []byte{}, nil
	}
	if err != nil {
		return nil, err
	}
	return cmd.Bytes() // which are nobody else's: go-redis has made them for this reply
}

// Add stores value under a key that has none.
func (s *Store) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	rec, err := s.newRecord(value)
	if err != nil {
		return s.failure(failure.Add, err, false)
	}
	cmd := goredis.NewStatusCmd(ctx, "set", key, rec, "nx", "px", milliseconds(ttl))
	err = s.write(ctx, cmd, 1, rec)
	switch {
	case errors.Is(err, goredis.Nil):
		return session.ErrExists
	case err == nil && cmd.Val() != "OK":
		err = errReply
	}
	return s.failure(failure.Add, err, rec.sent.Load())
}

// Swap replaces the value of version v.
func (s *Store) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	rec, err := s.newRecord(value)
	if err != nil {
		return s.failure(failure.Swap, err, false)
	}
	program := swapScript
	if v == foreign {
		program = claimScript
	}
	result, err := program.run(func(command, text string) (int64, error) {
		rec.sent.Store(false)
		cmd := goredis.NewIntCmd(ctx, command, text, 1, key, appendVersion(nil, v), rec, milliseconds(ttl))
		err := s.write(ctx, cmd, 3, rec)
		return cmd.Val(), err
	})
	if err == nil {
		switch result {
		case swapDone:
			return nil
		case swapStale:
			return session.ErrStale
		case swapMissing:
			return session.ErrNotFound
		}
		err = errReply
	}
	return s.failure(failure.Swap, err, rec.sent.Load())
}

// Touch sets the time that the record under key has left. It keeps the version.
func (s *Store) Touch(ctx context.Context, key string, ttl time.Duration) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	cmd := goredis.NewIntCmd(ctx, "pexpire", key, milliseconds(ttl))
	err := s.process(ctx, cmd, 1)
	if err == nil {
		switch cmd.Val() {
		case 1:
			return nil
		case 0:
			return session.ErrNotFound
		}
		err = errReply
	}
	return s.failure(failure.Touch, err, true)
}

// Delete removes the record under key.
func (s *Store) Delete(ctx context.Context, key string) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	return s.failure(failure.Delete, s.process(ctx, goredis.NewIntCmd(ctx, "del", key), 1), true)
}

// Reset drops the idle connections, and those in use once they are idle. It is for a caller that found a reply to be
// another request's. It does nothing to the connections of somebody else's client.
func (s *Store) Reset() {
	if s.dialer != nil {
		s.dialer.epoch.Add(1)
	}
}

// Close ends all connections; calls after it fail. It may be called more than once. The client of NewFromClient is left
// to its owner.
func (s *Store) Close() error {
	if s.dialer == nil {
		return nil
	}
	if err := s.client.Close(); !errors.Is(err, goredis.ErrClosed) {
		return err
	}
	return nil
}

// write sends a command that stores a record, once.
func (s *Store) write(ctx context.Context, cmd goredis.Cmder, keyAt int8, rec *record) error {
	if t, usual := ctx.(*term); usual && s.batches != nil && len(rec.bytes) <= maxShared {
		return s.travel(t, &s.batches.writes, once{cmd}, keyAt, len(rec.bytes))
	}
	return s.process(ctx, once{cmd}, keyAt)
}

// process sends a command whose key is argument keyAt.
func (s *Store) process(ctx context.Context, cmd goredis.Cmder, keyAt int8) error {
	err := send(ctx, s.client, cmd, keyAt)
	s.lost(ctx, err)
	return err
}

// lost makes a cluster client look for the master of a node that has not answered, if err says so. A master that died
// says nothing of its successor, and the client itself would look once a minute.
func (s *Store) lost(ctx context.Context, err error) {
	if err == nil || isReply(err) {
		return
	}
	if c, ok := s.client.(interface{ ReloadState(context.Context) }); ok {
		c.ReloadState(ctx)
	}
}
