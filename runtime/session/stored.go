package session

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/sessiongen/sessiongen/runtime/token"
)

// A sealed record contains a kind and the flags of token.Flags in one byte, the session's creation in Unix
// nanoseconds, and by kind
//
//	live       the fields
//	renewed    unless a login renewed it, id and creation of the session that goes on, whose flags the first byte has then
//	destroyed  nothing
//
// The last two are tombstones, which have instead of the creation the time at which they were written.
const (
	kindLive      = 0
	kindRenewed   = 1
	kindDestroyed = 2

	kindBits = 3 // of the first byte; the others are flags
)

const plainHeader = 1 + 8

// recordOverhead is how much longer a stored record is than its fields.
func (e *engine) recordOverhead() int { return plainHeader + e.ring.Overhead() }

// stored is a record as it was read.
type stored struct {
	kind   byte
	term   term
	fields []byte // of a live one
	next   successor

	version Version
	nonce   token.RecordNonce // tells whether the record is the one that was sent
	size    int
}

// successor is the session in which a renewed one goes on.
type successor struct {
	id    token.ID
	term  term
	known bool
}

var errFormat = errors.New("session: unknown record format")

// parse takes an opened record apart.
func (s *stored) parse(plain []byte) error {
	if len(plain) < plainHeader {
		return errFormat
	}
	s.kind = plain[0] & kindBits
	s.term = term{created: unixNano(plain[1:]), flags: token.Flags(plain[0] &^ kindBits)}
	body := plain[plainHeader:]
	switch {
	case s.kind == kindLive && len(body) > 0:
		s.fields = body
	case s.kind == kindRenewed && len(body) == 16+8:
		s.next = successor{
			id: token.ID(body), term: term{created: unixNano(body[16:]), flags: s.term.flags}, known: true,
		}
	case s.kind == kindRenewed && len(body) == 0:
	case s.kind == kindDestroyed && len(body) == 0:
	default:
		return errFormat
	}
	return nil
}

// recordHeader returns what every plain record begins with.
func recordHeader(kind byte, t term) (h [plainHeader]byte) {
	h[0] = kind | byte(t.flags)&^kindBits
	binary.BigEndian.PutUint64(h[1:], uint64(t.created.UnixNano()))
	return h
}

func unixNano(b []byte) time.Time { return time.Unix(0, int64(binary.BigEndian.Uint64(b))) }
