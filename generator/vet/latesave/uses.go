package latesave

import (
	"go/token"

	"github.com/sessiongen/sessiongen/generator/vet/flow"
	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/origin"
)

// A search is one for the late uses of one session and its response.
type search struct {
	f       *flow.Func
	session *origin.Session
	writer  int
	behind  []flow.BackwardState
	found   []late
	cached  []late // headers for caches that come after the cookie
}

// A late is an event that comes too late.
type late struct {
	flow.Point
	event *flow.Event
	after token.Pos // the position of the write, or of the cookie
}

func (l *search) isUse(e *flow.Event) bool {
	return e.Session == l.session && !e.Deferred && (e.Effect.MustChange || e.Effect.MustCommit)
}

func (l *search) isCommit(e *flow.Event) bool {
	return e.Session == l.session && !e.Deferred && e.Effect.MustCommit
}

func (l *search) isWrite(e *flow.Event) bool {
	return e.Response.To.Root != nil && e.Writer == l.writer && e.Response.Written
}

func (l *search) saysCaching(e *flow.Event) bool {
	return e.Response.To.Root != nil && e.Writer == l.writer && e.Response.Caching == known.AllowsCaching
}

func (l *search) add(at flow.Point, after token.Pos) {
	for _, u := range l.found {
		if u.Point == at {
			return
		}
	}
	l.found = append(l.found, late{at, l.f.Event(at), after})
}

// addFirsts adds the first uses after a point, on every way from there.
func (l *search) addFirsts(from flow.Point, write token.Pos) {
	for _, at := range l.f.Firsts(from, l.isUse) {
		l.add(at, write)
	}
}

// lastBefore returns where the last event of a kind in the source stands that leads to a point.
func (l *search) lastBefore(at flow.Point, is func(*flow.Event) bool) token.Pos {
	var last token.Pos
	for i, b := range l.f.Blocks {
		for j := range b.Events {
			if is(&b.Events[j]) && l.reaches(flow.Point{Block: i, Index: j}, at) {
				last = max(last, b.Events[j].Node.Pos())
			}
		}
	}
	return last
}

// reaches reports whether control may come from one point to another.
func (l *search) reaches(from, to flow.Point) bool { return l.f.Reaches(from, to, nil) }
