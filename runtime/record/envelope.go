package record

import (
	"encoding/binary"
	"errors"

	"github.com/tinylib/msgp/msgp"
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

// openEnvelope looks into one well-formed value. A value without an envelope is its own content.
func openEnvelope(raw []byte) (content, error) {
	if msgp.NextType(raw) != msgp.ExtensionType {
		return content{value: raw}, nil
	}
	typ, body := extension(raw)
	if typ != envelopeType {
		return content{value: raw}, nil
	}
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
	if left, err := msgp.Skip(rest); err != nil || len(left) != 0 {
		return content{}, errEnvelope
	}
	s.value = rest
	return s, nil
}

// extension splits a well-formed extension value into its type and its content.
func extension(raw []byte) (typ byte, body []byte) {
	var header int
	switch raw[0] {
	case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8: // fixext: the length is in the lead byte
		header = 1
	case 0xc7:
		header = 2
	case 0xc8:
		header = 3
	default:
		header = 5
	}
	return raw[header], raw[header+1:]
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
