package redis

import (
	"crypto/rand"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// versionSize is what a record has before its value: Redis counts no writes, so each write gets a random name. Neither
// another write of the same bytes nor a record that was deleted and added again has the same.
const versionSize = 16

// What swapScript answers.
const (
	swapStale   = -1
	swapMissing = 0
	swapDone    = 1
)

// swapScript writes last and once: if it ends with an error, it has written nothing.
//
// KEYS[1] the key; ARGV[1] the version that is expected, ARGV[2] the record, ARGV[3] its ttl in milliseconds.
const swapScript = `local version = redis.call('GETRANGE', KEYS[1], 0, 15)
if version == '' then return 0 end
if version ~= ARGV[1] then return -1 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`

// swapSHA is by what EVALSHA knows swapScript.
var swapSHA = func() string {
	sum := sha1.Sum([]byte(swapScript))
	return hex.EncodeToString(sum[:])
}()

// A record is an argument of a command: a version of its own and the value. It notices when go-redis begins to write
// it to a connection; before that, nothing of it can have reached a server.
type record struct {
	bytes []byte
	sent  atomic.Bool
}

func (s *Store) newRecord(value []byte) (*record, error) {
	if s.maxItem > 0 && len(value) > s.maxItem {
		return nil, &sizeError{len(value), s.maxItem}
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

func versionOf(stored []byte) session.Version {
	return session.Version{binary.BigEndian.Uint64(stored), binary.BigEndian.Uint64(stored[8:])}
}

func appendVersion(b []byte, v session.Version) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, v[0]), v[1])
}

// once is a command that go-redis does not send again after an error. Redirections (MOVED, ASK) it still follows: the node
// that answers with one has done nothing.
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
