package session

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/sessiongen/sessiongen/runtime/token"
)

// tombstoneGrace is how long a tombstone lives: requests that were under way when a session was renewed come with its
// old id, see that they are anonymous, and a logout among them still finds the session. After that the old id means
// nothing. The store counts it, as the time to live, because its clock is the one that all servers share.
//
// A touch by another request that has read the live record just before may lengthen it to an IdleTimeout, since a
// Store's Touch does not name a version. So who has renewed a session deletes its tombstone when its time is up. Where
// that comes to nothing, because the process has ended or the store is away, a tombstone counts for tombstoneMost, by
// the servers' clocks: so long requests with the old id are anonymous and a logout among them ends the session that
// goes on. Anything surer has a price for requests that have nothing to do with it: a read after each touch is a round
// trip, and so is a record of its own for each renewal that nobody touches; a touch before the read would extend what
// has ended, and could not be kept from sessions that their owner has ended.
const (
	tombstoneGrace = 30 * time.Second
	tombstoneMost  = 2 * time.Hour // clocks that are an hour apart, as after a change to summer time, do no harm
)

// isOld reports whether a tombstone has outlived its time in the store by far.
func (s *stored) isOld(now time.Time) bool {
	return s.kind != kindLive && now.Sub(s.term.created) > tombstoneMost
}

func plainRenewed(now time.Time, next successor) []byte {
	h := recordHeader(kindRenewed, term{created: now, flags: next.term.flags})
	if !next.known {
		return h[:]
	}
	return binary.BigEndian.AppendUint64(append(h[:], next.id[:]...), uint64(next.term.created.UnixNano()))
}

func plainDestroyed(now time.Time) []byte {
	h := recordHeader(kindDestroyed, term{created: now})
	return h[:]
}

// maxSweeps is how many tombstones wait for their end in a process: those of 500 renewals a second. Further ones are
// left to the store.
const maxSweeps = 500 * int64(tombstoneGrace/time.Second)

// sweep deletes the tombstone of a renewal when its time is up, whatever the store has been told since. No live record
// can be under its key: an id is never used again.
func (e *engine) sweep(key string, flags token.Flags) {
	if e.sweeps.Add(1) > maxSweeps {
		e.sweeps.Add(-1)
		return
	}
	time.AfterFunc(tombstoneGrace, func() {
		defer e.sweeps.Add(-1)
		ctx := newSaveContext(context.Background(), e.cfg.SaveTimeout)
		defer ctx.release()
		e.unended.guarded(e, func() { _ = e.pool(flags).Delete(ctx, key) })
	})
}
