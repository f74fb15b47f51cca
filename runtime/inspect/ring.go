package inspect

import (
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// A ring keeps the latest events.
type ring struct {
	mu      sync.Mutex
	entries []entry
	added   int  // in all; the next one goes to this place modulo their number
	outside bool // some have come from outside
}

// An entry is an event, and when it came.
type entry struct {
	session.Event
	At      time.Time
	ctx     context.Context // of the request, as long as the entry is one of the latest; nil: of none that can be told
	outside bool            // it came through Inspector.Observe, and has not come from the Manager yet
	own     bool            // of a request for the page
}

func newRing(n int) *ring { return &ring{entries: make([]entry, n)} }

// lately is how far back the ring looks for what belongs to the request of now. So many requests' contexts it keeps: an
// address alone would be that of another request soon.
const lately = 16

// add keeps an event, and reports whether it had not come before, from outside.
func (r *ring) add(at time.Time, ctx context.Context, e session.Event, outside bool) bool {
	ctx = told(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.outside && !outside {
		for old := range r.lately {
			if old.outside && old.ctx == ctx && same(old.Event, e) {
				old.outside = false
				return false
			}
		}
	}
	r.outside = r.outside || outside
	r.entries[r.added%len(r.entries)] = entry{Event: e, At: at, ctx: ctx, outside: outside}
	if r.added++; r.added > lately && len(r.entries) > lately {
		r.entries[(r.added-lately-1)%len(r.entries)].ctx = nil
	}
	return true
}

func same(a, b session.Event) bool {
	return a.Kind == b.Kind && a.Session == b.Session && a.Owner == b.Owner && a.Took == b.Took && a.Tries == b.Tries &&
		a.Bytes == b.Bytes && len(a.Keys) == len(b.Keys) && (a.Err == nil) == (b.Err == nil)
}

// lately yields the latest entries, the newest first.
func (r *ring) lately(yield func(*entry) bool) {
	for n := r.added - 1; n >= max(0, r.added-min(lately, len(r.entries))); n-- {
		if !yield(&r.entries[n%len(r.entries)]) {
			return
		}
	}
}

// forget hides that the session was loaded for a request.
func (r *ring) forget(ctx context.Context) {
	if ctx = told(ctx); ctx == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for e := range r.lately {
		e.own = e.own || e.ctx == ctx && e.Kind == session.Loaded
	}
}

// pick returns the entries that a filter lets through, the newest first, limit of them at most, and how many more
// there are.
func (r *ring) pick(f filter, limit int) (picked []entry, more int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for n := r.added - 1; n >= max(0, r.added-len(r.entries)); n-- {
		switch e := &r.entries[n%len(r.entries)]; {
		case e.own || !f.matches(e):
		case len(picked) < limit:
			picked = append(picked, *e)
		default:
			more++
		}
	}
	return picked, more
}

// told returns a context if it can be told from others by comparing, which a request's can, or nil.
func told(ctx context.Context) context.Context {
	if t := reflect.TypeOf(ctx); t == nil || t.Kind() != reflect.Pointer {
		return nil
	}
	return ctx
}
