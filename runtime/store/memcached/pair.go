package memcached

import (
	"bytes"
	"context"
	"errors"
	"strconv"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// pairSeparator stands between two keys that gomemcache takes for one. No key of a session has it.
const pairSeparator = 0xff

// maxPair is the most bytes of what gomemcache takes for one key.
const maxPair = 250

// pairKey is the key that gomemcache finds on what it takes for one value.
const pairKey = "2"

// GetPair is Get of two keys in one command. ok is false where they belong to two nodes, and where one of them has no
// value: that there is no such record says only who is asked for it alone, as in a batch.
//
// gomemcache reads several items into a map, which costs it a dozen allocations. So the two keys go through its Get as
// one: conn makes two of them again in the command, and one value of the two in the reply.
func (s *Store) GetPair(ctx context.Context, first, second string) (a, b session.Got, ok bool) {
	n := s.nodes.pick(first)
	if n.slots == nil || n != s.nodes.pick(second) || first == second || len(first)+1+len(second) > maxPair {
		return a, b, false
	}
	keys := make([]byte, 0, maxPair)
	keys = append(append(append(keys, first...), pairSeparator), second...)
	item, err := n.call(ctx, n.budget, request{verb: failure.Get, key: string(keys)})
	if err != nil {
		if err = n.failure(failure.Get, err); errors.Is(err, session.ErrNotFound) {
			return a, b, false
		}
		return session.Got{Err: err}, session.Got{Err: err}, true
	}
	if item.Key != pairKey {
		return a, b, false
	}
	a, rest, foundFirst := takeItem(item.Value, first)
	b, _, foundSecond := takeItem(rest, second)
	return a, b, foundFirst && foundSecond
}

// takeItem takes a value with the line that announces it off a reply.
func takeItem(reply []byte, key string) (got session.Got, rest []byte, ok bool) {
	size, last, err := partSize("gets", reply, len(reply))
	if err != nil || last || size > len(reply) || !isOf(reply, []byte(key)) {
		return got, nil, false
	}
	line, _, _ := bytes.Cut(reply[:size], []byte("\r\n"))
	from, end := len(line)+len("\r\n"), size-len("\r\n")
	if bytes.Count(line, []byte(" ")) == 4 { // VALUE key flags bytes cas
		got.Version[0], err = strconv.ParseUint(string(line[bytes.LastIndexByte(line, ' ')+1:]), 10, 64)
	}
	got.Value = reply[from:end:end]
	return got, reply[size:], err == nil && got.Version[0] != 0
}

// separate makes two keys again of those that a request asks for as one, and reports whether it does.
func separate(request []byte) bool {
	if !bytes.HasPrefix(request, []byte("gets ")) {
		return false
	}
	at := bytes.IndexByte(request, pairSeparator)
	if at < 0 {
		return false
	}
	request[at] = ' '
	return true
}

// appendPair appends the two parts that c has got as one value.
func appendPair(b []byte, c *conn) []byte {
	b = append(b, "VALUE "+pairKey+" 0 "...)
	b = strconv.AppendInt(b, int64(len(c.part)+len(c.second)), 10)
	b = append(b, " 1\r\n"...)
	b = append(append(b, c.part...), c.second...)
	return append(b, "\r\nEND\r\n"...)
}
