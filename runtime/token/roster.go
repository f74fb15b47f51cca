package token

import (
	"crypto/sha256"
	"hash"
)

// A Roster names the list that a session must be on to be alive: the list of the sessions of one owner. The zero one
// names none. It is an HMAC of the owner, so that neither a cookie nor a dump of the store tells who that is.
type Roster [16]byte

// rosterUse stands between a ring's scope and a roster's name in what a store key is a hash of. A session's has an ID
// there, which is shorter: no two hashes are of the same bytes.
const rosterUse = "\x00sessiongen roster\x00"

// Rosters returns how many names each owner's roster has: one for each secret.
func (r *Ring) Rosters() int { return len(r.keys) }

// Roster returns the name of an owner's roster under the i-th secret, the first of which new sessions enter.
func (r *Ring) Roster(i int, owner []byte) (name Roster) {
	k := r.keys[i]
	s := r.scratch.Get().(*scratch)
	h := k.rosters.Get().(hash.Hash)
	h.Reset()
	s.data = append(s.data[:0], owner...) // so that the caller's stays off the heap
	h.Write(s.data)
	copy(name[:], h.Sum(s.sum[:0]))
	k.rosters.Put(h)
	r.scratch.Put(s)
	return name
}

// Names reports whether a roster is an owner's, under any secret.
func (r *Ring) Names(name Roster, owner []byte) bool {
	for i := range r.keys {
		if r.Roster(i, owner) == name {
			return true
		}
	}
	return false
}

// RosterKey returns the key under which a store keeps a roster.
func (r *Ring) RosterKey(prefix string, name Roster) string {
	s := r.scratch.Get().(*scratch)
	s.data = append(append(append(s.data[:0], r.storeScope...), rosterUse...), name[:]...)
	sum := sha256.Sum256(s.data)
	s.data = encoding.AppendEncode(append(s.data[:0], prefix...), sum[:])
	key := string(s.data)
	r.scratch.Put(s)
	return key
}

// A Sum is a store key without its prefix, in fewer bytes.
type Sum [sha256.Size]byte

// SumOf returns the sum of a key that StoreKey made.
func SumOf(storeKey string) (sum Sum) {
	var text [StoreKeySize]byte
	if n := len(storeKey) - StoreKeySize; n >= 0 {
		copy(text[:], storeKey[n:])
		_, _ = encoding.Decode(sum[:], text[:])
	}
	return sum
}

// Key returns the store key of a sum.
func (s Sum) Key(prefix string) string {
	return prefix + encoding.EncodeToString(s[:])
}
