package record

import (
	"encoding/binary"
	"errors"
)

// This file steps over MessagePack values. Loading a session is little else than that, and msgp.Skip, which recurses
// and looks each value up three times, takes twice as long.

var errSkip = errors.New("record: value cut short or of no known kind")

// sizes holds, for each lead byte whose value is one piece of a fixed size, that size; 0 for all others.
var sizes = func() (t [256]uint8) {
	for lead := range t {
		switch {
		case lead <= maxFixint, lead >= 0xe0, lead == 0xc0, lead == 0xc2, lead == 0xc3: // small integers, nil, bools
			t[lead] = 1
		case lead&fixstrMask == fixstr:
			t[lead] = uint8(1 + lead&maxFixstr)
		}
	}
	for width, leads := range map[uint8][]int{ // uint and int of that width, float, fixext
		1: {0xcc, 0xd0}, 2: {0xcd, 0xd1}, 4: {0xce, 0xd2, 0xca}, 8: {0xcf, 0xd3, 0xcb},
	} {
		for _, lead := range leads {
			t[lead] = 1 + width
		}
	}
	for i, width := range []uint8{1, 2, 4, 8, 16} {
		t[0xd4+i] = 2 + width
	}
	return t
}()

// skip returns how many bytes the first value of b takes, with all that it contains.
func skip(b []byte) (int, error) {
	at := 0
	for left := uint64(1); left > 0; left-- { // values still to step over: a container adds its own
		if left > uint64(len(b)-at) {
			return 0, errSkip
		}
		size := uint64(sizes[b[at]])
		if size == 0 {
			var within uint64
			if size, within = header(b[at:]); size == 0 {
				return 0, errSkip
			}
			left += within
		}
		if size > uint64(len(b)-at) {
			return 0, errSkip
		}
		at += int(size)
	}
	return at, nil
}

// header reads the lead of a value that says its own length: the size of the piece, which for a container is its header
// alone, and how many values a container has. size is 0 if there is no such value.
func header(b []byte) (size, within uint64) {
	switch lead := b[0]; {
	case lead&0xf0 == 0x80: // fixmap
		return 1, 2 * uint64(lead&0x0f)
	case lead&0xf0 == 0x90: // fixarray
		return 1, uint64(lead & 0x0f)
	}
	var n uint64
	var width int
	switch b[0] {
	case 0xc4, 0xc7, 0xd9: // bin 8, ext 8, str 8
		width = 1
	case 0xc5, 0xc8, 0xda, 0xdc, 0xde: // bin 16, ext 16, str 16, array 16, map 16
		width = 2
	case 0xc6, 0xc9, 0xdb, 0xdd, 0xdf: // bin 32, ext 32, str 32, array 32, map 32
		width = 4
	default:
		return 0, 0
	}
	if len(b) < 1+width {
		return 0, 0
	}
	switch width {
	case 1:
		n = uint64(b[1])
	case 2:
		n = uint64(binary.BigEndian.Uint16(b[1:]))
	case 4:
		n = uint64(binary.BigEndian.Uint32(b[1:]))
	}
	size = uint64(1 + width)
	switch b[0] {
	case 0xdc, 0xdd:
		return size, n
	case 0xde, 0xdf:
		return size, 2 * n
	case 0xc7, 0xc8, 0xc9: // the type stands before the content
		n++
	}
	return size + n, 0
}
