package file

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// bucketName is the one bucket of the file. It changes with the layout of the records.
var bucketName = []byte("sessions-1")

// An id stands for a key, in the file and in memory: half of its SHA-256, so that no two keys meet (2⁶⁴ of them would
// have to be tried), and all are equally long.
type id [16]byte

func idOf(key string) id {
	var buf [256]byte // keys have at most 250 bytes: no allocation
	sum := sha256.Sum256(append(buf[:0], key...))
	return id(sum[:16])
}

// headSize is what a record has before its value: big-endian, the write's version (8 and 8 bytes), its end and when
// it was last written or touched (nanoseconds since 1970, 8 bytes each). The highest bit of the last says that the
// session is a passer-by's.
const headSize = 32

const anonymousBit = 1 << 63

type head struct {
	version   session.Version
	end       int64
	used      int64
	anonymous bool
}

// newRecord returns a record whose head is not filled in yet, with a copy of the value.
func newRecord(value []byte) []byte {
	b := make([]byte, headSize+len(value))
	copy(b[headSize:], value)
	return b
}

func (h head) write(record []byte) {
	binary.BigEndian.PutUint64(record, h.version[0])
	binary.BigEndian.PutUint64(record[8:], h.version[1])
	binary.BigEndian.PutUint64(record[16:], uint64(h.end))
	used := uint64(h.used)
	if h.anonymous {
		used |= anonymousBit
	}
	binary.BigEndian.PutUint64(record[24:], used)
}

// readHead reads the head of a record, and says whether it is one.
func readHead(record []byte) (head, bool) {
	if len(record) < headSize {
		return head{}, false
	}
	used := binary.BigEndian.Uint64(record[24:])
	return head{
		version: session.Version{binary.BigEndian.Uint64(record), binary.BigEndian.Uint64(record[8:])},
		end:     int64(binary.BigEndian.Uint64(record[16:])),
		used:    int64(used &^ anonymousBit), anonymous: used&anonymousBit != 0,
	}, true
}

// endOf returns when a record ends that gets a ttl now.
func endOf(now time.Time, ttl time.Duration) int64 {
	n := now.UnixNano()
	if ttl > math.MaxInt64-time.Duration(n) {
		return math.MaxInt64
	}
	return n + int64(ttl)
}
