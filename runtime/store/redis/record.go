package redis

import (
	"crypto/rand"
	"encoding/binary"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// versionSize is what a record has before its value: Redis counts no writes, so each write gets a random name. Neither
// another write of the same bytes nor a record that was deleted and added again has the same.
const versionSize = 16

// foreign stands for a value that this package cannot have written: it is shorter than a version, or no string at all.
// Get gives it out as it is, for the caller to find that it is no record; a Swap with this version writes over whatever
// of that kind is there.
var foreign = session.Version{0, 1}

// A record is an argument of a command: a version of its own and the value. It notices when go-redis begins to write
// it to a connection; before that, nothing of it can have reached a server.
type record struct {
	bytes []byte
	sent  atomic.Bool
}

func (s *Store) newRecord(value []byte) (*record, error) {
	if s.maxItem > 0 && len(value) > s.maxItem {
		return nil, &failure.SizeError{Size: len(value), Max: s.maxItem}
	}
	r := &record{bytes: make([]byte, versionSize, versionSize+len(value))}
	_, _ = rand.Read(r.bytes) // never fails: see crypto/rand
	r.bytes = append(r.bytes, value...)
	return r, nil
}

// MarshalBinary is called by go-redis, once for each time that it sends the command.
func (r *record) MarshalBinary() ([]byte, error) {
	r.sent.Store(true)
	return r.bytes, nil
}

// versionOf tells which write made what is stored.
func versionOf(stored []byte) session.Version {
	if len(stored) < versionSize {
		return foreign
	}
	return session.Version{binary.BigEndian.Uint64(stored), binary.BigEndian.Uint64(stored[8:])}
}

// valueOf is what stored has after its version.
func valueOf(stored []byte) []byte {
	if len(stored) < versionSize {
		return stored
	}
	return stored[versionSize:]
}

func appendVersion(b []byte, v session.Version) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, v[0]), v[1])
}

// once is a command that go-redis does not send again after an error. Redirections (MOVED, ASK) it still follows: the
// node that answers with one has done nothing.
type once struct{ goredis.Cmder }

func (once) NoRetry() bool { return true }

// milliseconds is a ttl as Redis wants it, rounded up and never 0, which it would refuse.
func milliseconds(ttl time.Duration) int64 {
	ms := ttl.Milliseconds()
	if ttl%time.Millisecond > 0 {
		ms++
	}
	return max(ms, 1)
}
