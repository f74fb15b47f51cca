package memcached

import (
	"bytes"
	"math"

	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// maxLine is longer than any line of a reply: "VALUE", a key of 250 bytes, three numbers; an error with its reason.
const maxLine = 512

// reply finds the end of a reply in the bytes as they arrive. It knows as much of the protocol (protocol.txt of
// memcached) as that takes: a reply is one line, but the reply to gets may have a value before it for each key,
// announced by a line of its own.
//
// A line that the command is never answered with is an error that does not quote it: a shifted stream could show a
// stranger's data there.
type reply struct {
	maxItem int

	command string // that is answered
	done    bool
	values  int           // that may still be announced
	skip    int           // bytes of the value under way still to come, its line end included
	line    [maxLine]byte // the start of a line that came in pieces
	n       int           // bytes in line
}

// begin prepares for the reply to the request that starts with p.
func (r *reply) begin(p []byte) {
	line, _, _ := bytes.Cut(p, []byte("\r\n"))
	name, keys, _ := bytes.Cut(line, []byte(" "))
	r.command = command(name)
	r.done, r.values, r.skip, r.n = false, 0, 0, 0
	if r.command == "gets" {
		r.values = bytes.Count(keys, []byte(" ")) + 1
	}
}

// take looks at the next bytes and returns how many of them belong to the reply: fewer than all only if it is done.
func (r *reply) take(p []byte) (int, error) {
	for i := 0; i < len(p); {
		if r.skip > 0 {
			k := min(r.skip, len(p)-i)
			r.skip -= k
			i += k
			continue
		}
		line, size, err := r.nextLine(p[i:])
		if err != nil {
			return 0, err
		}
		i += size
		if line == nil {
			break
		}
		if err := r.takeLine(line); err != nil {
			return 0, err
		}
		if r.done {
			return i, nil
		}
	}
	return len(p), nil
}

// nextLine returns the line that p completes, line end included, and how much of p it takes; nil if p does not complete
// it. A line over maxLine is an error, whatever pieces it comes in.
func (r *reply) nextLine(p []byte) (line []byte, size int, err error) {
	size = bytes.IndexByte(p, '\n') + 1
	whole := size > 0
	if !whole {
		size = len(p)
	}
	if n := r.n + size; n > maxLine || n == maxLine && !whole {
		return nil, 0, errReply
	}
	if whole && r.n == 0 {
		return p[:size], size, nil
	}
	r.n += copy(r.line[r.n:], p[:size])
	if !whole {
		return nil, size, nil
	}
	line = r.line[:r.n]
	r.n = 0
	return line, size, nil
}

func (r *reply) takeLine(line []byte) error {
	if r.command == "gets" && bytes.HasPrefix(line, []byte("VALUE ")) {
		size, ok := valueSize(line)
		if r.values--; !ok || r.values < 0 {
			return errReply
		}
		if size > r.maxItem {
			return &failure.SizeError{Size: size, Max: r.maxItem}
		}
		r.skip = size + len("\r\n")
		return nil
	}
	line, whole := bytes.CutSuffix(line, []byte("\r\n"))
	word, _, _ := bytes.Cut(line, []byte(" "))
	if !whole || !mayEnd(r.command, string(word)) {
		return errReply
	}
	r.done = true
	return nil
}

// valueSize reads the third field of "VALUE key flags bytes [cas]".
func valueSize(line []byte) (size int, ok bool) {
	fields := line[len("VALUE "):]
	for range 2 {
		_, fields, _ = bytes.Cut(fields, []byte(" "))
	}
	for i, c := range fields {
		switch {
		case '0' <= c && c <= '9' && size < math.MaxInt32/10:
			size = 10*size + int(c-'0')
		case c == ' ' || c == '\r':
			return size, i > 0
		default:
			return 0, false
		}
	}
	return 0, false
}

// command is the name of a command, if it is one of those that this package sends.
func command(name []byte) string {
	switch string(name) {
	case "gets":
		return "gets"
	case "cas":
		return "cas"
	case "add":
		return "add"
	case "touch":
		return "touch"
	case "delete":
		return "delete"
	case "version":
		return "version"
	}
	return ""
}

// mayEnd says whether the last line of a reply to command may start with word. An error may end any.
func mayEnd(command, word string) bool {
	switch word {
	case "ERROR", "CLIENT_ERROR", "SERVER_ERROR":
		return true
	case "END":
		return command == "gets"
	case "STORED", "NOT_STORED":
		return command == "cas" || command == "add"
	case "EXISTS":
		return command == "cas"
	case "NOT_FOUND":
		return command == "cas" || command == "touch" || command == "delete"
	case "TOUCHED":
		return command == "touch"
	case "DELETED":
		return command == "delete"
	case "VERSION":
		return command == "version"
	}
	return false
}
