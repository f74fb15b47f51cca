package redis

import (
	"bytes"
	"strconv"

	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

const (
	maxHead     = 24       // bytes of a line with a number
	maxLine     = 64 << 10 // of any line; only errors are long
	maxElements = 16384    // of an array; CLUSTER SLOTS has at most one for each slot
	maxNesting  = 8        // of arrays
)

// reply follows a stream of replies as far as it must to know how long the strings and arrays in it claim to be, for
// go-redis sets aside what a reply announces, whatever that is, and reads nested arrays by recursion.
//
// It knows RESP2 and RESP3 (redis.io, "Redis serialization protocol specification"): lines, some of which announce that
// a string of so many bytes follows. That an array's elements follow its line needs no attention.
//
// A line that no reply has is an error that does not quote it: a stream out of step could show a stranger's data there.
type reply struct {
	maxBulk int

	skip    int           // bytes of the string under way still to come, its line end included
	head    [maxHead]byte // of the line under way
	length  int           // of the line under way, so far
	nesting int           // arrays that have just been opened
}

// check looks at the next bytes of the stream.
func (r *reply) check(p []byte) error {
	for len(p) > 0 {
		if r.skip > 0 {
			n := min(r.skip, len(p))
			r.skip -= n
			p = p[n:]
			continue
		}
		n := bytes.IndexByte(p, '\n') + 1
		complete := n > 0
		if !complete {
			n = len(p)
		}
		if r.length < maxHead {
			copy(r.head[r.length:], p[:n])
		}
		r.length += n
		p = p[n:]
		if r.length > maxLine {
			return errReply
		}
		if complete {
			if err := r.line(); err != nil {
				return err
			}
			r.length = 0
		}
	}
	return nil
}

// line looks at the line whose beginning is in r.head.
func (r *reply) line() error {
	switch r.head[0] {
	case '+', '-', ':', '_', '#', ',', '(':
		r.nesting = 0
	case '$', '=', '!':
		r.nesting = 0
		n, err := r.number()
		switch {
		case err != nil:
			return err
		case n > r.maxBulk:
			return &failure.SizeError{Size: n, Max: r.maxBulk}
		case n >= 0:
			r.skip = n + len("\r\n")
		}
	case '*', '%', '~', '>', '|':
		r.nesting++
		n, err := r.number()
		if err != nil {
			return err
		}
		if n > maxElements || r.nesting > maxNesting {
			return errReply
		}
	default:
		return errReply
	}
	return nil
}

// number returns the number of the line; -1 means none.
func (r *reply) number() (int, error) {
	if r.length > maxHead {
		return 0, errReply
	}
	digits, ok := bytes.CutSuffix(r.head[1:r.length], []byte("\r\n"))
	if !ok {
		return 0, errReply
	}
	n, err := strconv.ParseInt(string(digits), 10, 32)
	if err != nil || n < -1 {
		return 0, errReply
	}
	return int(n), nil
}
