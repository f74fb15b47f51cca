package record

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Keys returns the stored keys of the fields that the changes are of, ascending. The list is shared: nobody may change
// it.
func (c Changes) Keys(l *Layout) []string {
	if len(c.ops) == 0 {
		return nil
	}
	var room [32]byte // enough for 256 fields
	set := fieldSet(room[:])
	if n := (len(l.fields) + 7) / 8; n > len(room) {
		set = make(fieldSet, n)
	}
	for i := range c.ops {
		set.add(int(c.ops[i].field))
	}
	return l.keysOf(set)
}

// KeyOf returns a list of one field's stored key, which is shared as that of Keys is.
func (l *Layout) KeyOf(i int) []string {
	var room [32]byte
	set := fieldSet(room[:])
	if n := i/8 + 1; n > len(room) {
		set = make(fieldSet, n)
	}
	set.add(i)
	return l.keysOf(set)
}

// A fieldSet has a bit for each field.
type fieldSet []byte

func (s fieldSet) add(i int) { s[i/8] |= 1 << (i % 8) }

func (s fieldSet) has(i int) bool { return i/8 < len(s) && s[i/8]&(1<<(i%8)) != 0 }

// keyLists remembers lists of keys, so that one that was asked for before costs nothing. A site changes the same few
// fields together again and again.
type keyLists struct {
	mu    sync.Mutex // of who adds one
	known atomic.Pointer[map[string][]string]
}

// maxKeyLists bounds what is remembered. Further lists are made each time.
const maxKeyLists = 256

func (l *Layout) keysOf(set fieldSet) []string {
	if known := l.lists.known.Load(); known != nil {
		if keys, ok := (*known)[string(set)]; ok {
			return keys
		}
	}
	var keys []string
	for i := range l.keys {
		if k := &l.keys[i]; !k.old && set.has(k.field) {
			keys = append(keys, k.key)
		}
	}
	l.lists.remember(string(set), keys)
	return keys
}

func (x *keyLists) remember(set string, keys []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	next := make(map[string][]string)
	if known := x.known.Load(); known != nil {
		if len(*known) >= maxKeyLists {
			return
		}
		maps.Copy(next, *known)
	}
	next[set] = keys
	x.known.Store(&next)
}
