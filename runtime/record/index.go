package record

import "hash/maphash"

// An index finds the entry of a key: a hash table with open addressing, which holds nothing but the entries' numbers.
// Few entries are found faster by looking at each; then there is none.
type index struct {
	places []int32 // an entry's number and one, or 0; a power of two of them, at most half of them in use
	seed   maphash.Seed
}

const fewEntries = 8

// add makes the index know the last of the entries.
func (x *index) add(entries []entry) {
	n := len(entries)
	if n <= fewEntries {
		return
	}
	if 2*n <= len(x.places) {
		last := &entries[n-1]
		last.hash = x.hash(last.key())
		x.places[x.free(last.hash)] = int32(n)
		return
	}
	first := x.places == nil
	if first {
		x.seed = maphash.MakeSeed()
	}
	x.places = make([]int32, max(4*len(x.places), 8*fewEntries))
	for i := range entries {
		if first || i == n-1 {
			entries[i].hash = x.hash(entries[i].key())
		}
		x.places[x.free(entries[i].hash)] = int32(i + 1)
	}
}

// place returns where the number of a key's entry stands, or where 0 says that it has none.
func (x *index) place(entries []entry, key []byte) uint32 {
	hash := x.hash(key)
	mask := uint32(len(x.places) - 1)
	at := hash & mask
	for ; x.places[at] != 0; at = (at + 1) & mask {
		if e := &entries[x.places[at]-1]; e.hash == hash && string(e.key()) == string(key) {
			break
		}
	}
	return at
}

// free returns the place for a new entry.
func (x *index) free(hash uint32) uint32 {
	mask := uint32(len(x.places) - 1)
	at := hash & mask
	for x.places[at] != 0 {
		at = (at + 1) & mask
	}
	return at
}

func (x *index) hash(key []byte) uint32 { return uint32(maphash.Bytes(x.seed, key)) }
