package memcached

import (
	"bytes"
	"strconv"

	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// maxLine is longer than any line of a reply: "VALUE", a key of 250 bytes, three numbers; an error with its reason.
const maxLine = 512

// partSize finds the end of the next part of the reply to command in p, which begins with it. It knows as much of the
// protocol (protocol.txt of memcached) as that takes: a reply is one line, but the reply to gets may have values before
// it, each announced by a line of its own and a part with it. Of a part that is not whole, size is the least that it
// has, more than p.
//
// A line that the command is never answered with is an error that does not quote it: a shifted stream could show a
// stranger's data there.
func partSize(command string, p []byte, maxItem int) (size int, last bool, err error) {
	size = bytes.IndexByte(p[:min(len(p), maxLine)], '\n') + 1
	switch line := p[:size]; {
	case size == 0 && len(p) >= maxLine:
		return 0, false, errReply
	case size == 0:
		return len(p) + 1, false, nil
	case command == "gets" && bytes.HasPrefix(line, []byte("VALUE ")):
		n, ok := valueSize(line)
		if !ok {
			return 0, false, errReply
		}
		if n > maxItem {
			return 0, false, &failure.SizeError{Size: n, Max: maxItem}
		}
		return size + n + len("\r\n"), false, nil
	case mayEnd(command, line):
		return size, true, nil
	}
	return 0, false, errReply
}

// valueSize reads the third field of "VALUE key flags bytes [cas]".
func valueSize(line []byte) (size int, ok bool) {
	rest, whole := bytes.CutSuffix(line[len("VALUE "):], []byte("\r\n"))
	for range 2 {
		_, rest, _ = bytes.Cut(rest, []byte(" "))
	}
	field, _, _ := bytes.Cut(rest, []byte(" "))
	n, err := strconv.ParseUint(string(field), 10, 31)
	return int(n), err == nil && whole
}

// mayEnd says whether line may be the last one of a reply to command. An error may end any but the marker's.
func mayEnd(command string, line []byte) bool {
	line, whole := bytes.CutSuffix(line, []byte("\r\n"))
	word, _, _ := bytes.Cut(line, []byte(" "))
	switch string(word) {
	case "ERROR", "CLIENT_ERROR", "SERVER_ERROR":
		return whole && command != marker
	case "END":
		return whole && command == "gets"
	case "STORED", "NOT_STORED":
		return whole && (command == "cas" || command == "add")
	case "EXISTS":
		return whole && command == "cas"
	case "NOT_FOUND":
		return whole && (command == "cas" || command == "touch" || command == "delete")
	case "TOUCHED":
		return whole && command == "touch"
	case "DELETED":
		return whole && command == "delete"
	case "VERSION":
		return whole && (command == "version" || command == marker)
	}
	return false
}
