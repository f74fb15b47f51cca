package memcached

// placement chooses the node of a record by rendezvous (highest random weight) hashing: each node draws a number for
// the key, and the highest has the record. A node that comes takes its share from all others, a node that goes leaves
// its own to all others, nothing else moves, and the order of the list means nothing. The second highest would be the
// place of a copy.
//
// All processes of a site, old and new binaries, must draw the same numbers: a change of the functions below logs
// visitors out.
type placement []*node

func (p placement) pick(key string) *node {
	if len(p) == 1 {
		return p[0]
	}
	k := hash(key)
	best, highest := p[0], mix(p[0].hash^k)
	for _, n := range p[1:] {
		if w := mix(n.hash ^ k); w > highest || w == highest && n.name > best.name {
			best, highest = n, w
		}
	}
	return best
}

// hash is FNV-1a, 64 bits, with its weak high bits mixed.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mix(h)
}

// mix is the finalizer of splitmix64: each bit of x changes half of the bits of the result.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
