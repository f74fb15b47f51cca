package record

import (
	"encoding/binary"
	"errors"
)

// An envelope is a MessagePack extension around a value that carries more than itself:
//
//	flags (1 byte), deadline in Unix nanoseconds (8 bytes, if flagged), value
//
// It describes itself: a binary whose schema says nothing of a ttl honours the deadline that another binary wrote.
const envelopeType = 'S'

// maxEnvelope is how much longer an envelope is than its value: ext 32 header, flags, deadline.
const maxEnvelope = 6 + 1 + 8

const (
	flagDeadline = 1 << iota // reads as absent from this time on
	flagCopy                 // this is what was written under an older key of the field

	olderShift = 2 // the other bits: under how many older keys the same value was written
	maxOlder   = 0xff >> olderShift
)

var errEnvelope = errors.New("record: malformed envelope")

// content is a value and what its envelope says.
type content struct {
	value    []byte
	deadline int64 // Unix nanoseconds; 0: none
	copy     bool
	older    int
}

// bare reports whether the value was written under one key alone.
func (s content) bare() bool { return !s.copy && s.older == 0 }

// enveloped reports whether a well-formed value is an envelope.
func enveloped(raw []byte) bool {
	switch lead := raw[0]; lead {
	case 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
		return raw[extHeader(lead)] == envelopeType
	default:
		return false
	}
}

// extHeader returns how many bytes of an extension stand before its type.
func extHeader(lead byte) int {
	switch lead {
	case 0xc7: // ext 8, 16 and 32 have a length
		return 2
	case 0xc8:
		return 3
	case 0xc9:
		return 5
	default: // that of a fixext is in the lead byte
		return 1
	}
}

// openEnvelope looks into one well-formed value. A value without an envelope is its own content.
func openEnvelope(raw []byte) (content, error) {
	if !enveloped(raw) {
		return content{value: raw}, nil
	}
	body := raw[extHeader(raw[0])+1:]
	if len(body) < 2 {
		return content{}, errEnvelope
	}
	s := content{copy: body[0]&flagCopy != 0, older: int(body[0] >> olderShift)}
	rest := body[1:]
	if body[0]&flagDeadline != 0 {
		if len(rest) < 9 {
			return content{}, errEnvelope
		}
		s.deadline = int64(binary.BigEndian.Uint64(rest))
		rest = rest[8:]
	}
	if n, err := skip(rest); err != nil || n != len(rest) {
		return content{}, errEnvelope
	}
	s.value = rest
	return s, nil
}

// append writes the value, in an envelope if it needs one.
func (s content) append(b []byte) []byte {
	if s.deadline == 0 && s.bare() {
		return append(b, s.value...)
	}
	n := 1 + len(s.value)
	flags := byte(s.older) << olderShift
	if s.copy {
		flags |= flagCopy
	}
	if s.deadline != 0 {
		n += 8
		flags |= flagDeadline
	}
	switch { // ext 8, ext 16, ext 32 of the MessagePack specification
	case n < 1<<8:
		b = append(b, 0xc7, byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0xc8), uint16(n))
	default:
		b = binary.BigEndian.AppendUint32(append(b, 0xc9), uint32(n))
	}
	b = append(b, envelopeType, flags)
	if s.deadline != 0 {
		b = binary.BigEndian.AppendUint64(b, uint64(s.deadline))
	}
	return append(b, s.value...)
}
