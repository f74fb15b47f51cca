package migrate

import (
	"bytes"
	"encoding/binary"
	"time"
)

// What a claim lasts, and the part of it in which its owner may still write.
const (
	claimTime = 500 * time.Millisecond
	ownTime   = claimTime / 2
	pollEvery = 2 * time.Millisecond // for the end of somebody else's claim
)

// magic begins a claim, and no record of a session: those begin with their version.
const magic = "\xffsessiongen:moved"

// A claim stands in the place of a record while that is moved, or removed.
type claim struct {
	made     int64 // nanoseconds since 1970; it stays when the claim is taken over
	deadline int64 // the same
	ended    bool  // the record is being deleted
	record   []byte
}

func (c claim) append(b []byte) []byte {
	b = append(b, magic...)
	if c.ended {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(c.made))
	b = binary.BigEndian.AppendUint64(b, uint64(c.deadline))
	return append(b, c.record...)
}

// readClaim says whether what a store holds is a claim.
func readClaim(value []byte) (claim, bool) {
	const size = 1 + 8 + 8
	rest, ok := bytes.CutPrefix(value, []byte(magic))
	if !ok || len(rest) < size {
		return claim{}, false
	}
	return claim{
		ended:    rest[0] == 1,
		made:     int64(binary.BigEndian.Uint64(rest[1:])),
		deadline: int64(binary.BigEndian.Uint64(rest[9:])),
		record:   rest[size:],
	}, true
}
