package migrate

import (
	"bytes"
	"encoding/binary"
	"time"
)

// How long a claim lasts, and the part of that time in which its owner may write.
const (
	claimTime = 500 * time.Millisecond
	ownTime   = claimTime / 2
	pollEvery = 2 * time.Millisecond // about how often a call looks whether somebody else's claim is still there
)

// magic begins a claim, and no record of a session: those begin with their version.
const magic = "\xffsessiongen:moved"

// A kind says what a claim is for.
type kind byte

const (
	leaving kind = iota // in the store that the record leaves; it has the record
	ended               // there is no record, and for a moment nobody may put one here
	arrived             // in the store that the record has come to; it has the record, which nobody may use yet
)

// A claim stands in the place of a record while that is moved, or removed.
type claim struct {
	kind     kind
	deadline int64 // nanoseconds since 1970; of one that has arrived, nothing
	record   []byte
}

func (c claim) append(b []byte) []byte {
	b = append(b, magic...)
	b = append(b, byte(c.kind))
	b = binary.BigEndian.AppendUint64(b, uint64(c.deadline))
	return append(b, c.record...)
}

// readClaim reads a value, and says whether it is a claim.
func readClaim(value []byte) (claim, bool) {
	const size = 1 + 8
	rest, ok := bytes.CutPrefix(value, []byte(magic))
	if !ok || len(rest) < size {
		return claim{}, false
	}
	return claim{
		kind:     kind(rest[0]),
		deadline: int64(binary.BigEndian.Uint64(rest[1:])),
		record:   rest[size:],
	}, true
}

// is says whether there is a claim, of this kind.
func (c *claim) is(k kind) bool { return c != nil && c.kind == k }
