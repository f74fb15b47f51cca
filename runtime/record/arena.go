package record

// An arena is memory for many short values, allocated a few at a time. Room that it has handed out is never handed out
// again, unless the whole arena is reset.
type arena struct{ b []byte }

const (
	arenaMin   = 128
	arenaMax   = 4096
	scalarRoom = 16 // no encoded integer, float, bool or time is longer
)

// take returns an empty slice with capacity for n bytes.
func (a *arena) take(n int) []byte {
	if cap(a.b)-len(a.b) < n {
		a.b = make([]byte, 0, max(n, min(2*cap(a.b), arenaMax), arenaMin))
	}
	start := len(a.b)
	a.b = a.b[:start+n]
	return a.b[start : start : start+n]
}

// reset gives up everything that was handed out.
func (a *arena) reset() { a.b = a.b[:0] }
