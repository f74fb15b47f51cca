package vet

import (
	"fmt"
	"go/token"
	"strings"

	"github.com/sessiongen/sessiongen/generator/vet/known"
	"golang.org/x/tools/go/analysis"
)

// LateSave reports uses of a session that come after the response has begun.
var LateSave = &analysis.Analyzer{
	Name: "latesave",
	Doc: `report sessions that are saved, destroyed or changed after the response has begun

Question: has something certainly been written to the response before this Save, Destroy or change, or does something that
is written certainly lead to it? The cookie of a new, renewed or destroyed session can then no longer be sent, and outside
Middleware nothing at run time can tell.

Writing is WriteHeader, Write, Flush and Hijack of the response writer that Load was given, what net/http, fmt, io, the
encoders and the template packages write to it, the methods of gin's and echo's contexts that answer a request, a call of
the next handler, and functions that do one of these on every path. What a loop writes comes before what every round of it
does to the session: the second round is late. A deferred Save or Destroy comes after everything that
the function writes; answers with an error status do not count there.

A header by which caches may keep the response (Cache-Control, CDN-Cache-Control, Surrogate-Control) is late after a Save or
Destroy by hand: they set no-store where they set a cookie, and would replace one that was set before. What forbids it to
shared caches, as no-store and private do, may be set at any time.

Out of scope: sessions that do not come from Load (Middleware saves in time, or logs); response writers that the function
made itself, which may hold back what is written; writes that only some ways to the Save pass and that need not lead to it.
Of several late uses in a row the first is reported.

	http.Redirect(w, r, "/", http.StatusSeeOther)
	err = s.Save() // no cookie can be set any more`,
	URL:      docURL,
	Requires: []*analysis.Analyzer{flow},
	Run:      runLateSave,
}

func runLateSave(pass *analysis.Pass) (any, error) {
	p := pass.ResultOf[flow].(*program)
	if p == nil {
		return nil, nil
	}
	for _, f := range p.opened() {
		for _, c := range f.cells.list {
			w, ok := c.loadedFor()
			if !ok {
				continue
			}
			for i, known := range f.writers {
				if known == w {
					l := lateness{f: f, cell: c, writer: i, outlooks: f.backward(c)}
					l.find()
					l.report(pass)
					l.reportCached(pass)
				}
			}
		}
	}
	return nil, nil
}

// A lateness is the search for late uses of one session and its response.
type lateness struct {
	f        *function
	cell     *cell
	writer   int
	outlooks []outlook
	found    []lateUse
	cached   []lateUse // what is said to caches after the cookie has been set
}

// A lateUse is an event that comes too late.
type lateUse struct {
	place
	event *event
	write token.Pos // what was written before
}

// A place is where an event stands.
type place struct{ block, index int }

func (l *lateness) find() {
	for bi, b := range l.f.blocks {
		if !b.start.reached {
			continue
		}
		s := b.start.clone()
		for i := range b.events {
			e, at := &b.events[i], place{bi, i}
			if l.isUse(e) && s.written[l.writer] > notWritten {
				l.add(at, e, l.lastBefore(at, l.isWrite))
			}
			if l.saysCaching(e) && s.cells[l.cell.index].sent > notWritten && s.written[l.writer] == notWritten {
				l.cached = append(l.cached, lateUse{at, e, l.lastBefore(at, l.isCommit)})
			}
			if l.isWrite(e) {
				if l.f.behind(b, i, l.cell, l.outlooks).late {
					l.follow(at, e.node.Pos(), map[int]bool{})
				}
				l.deferredAround(at, e)
				l.nextRound(at, e.node.Pos())
			}
			s.apply(e)
		}
	}
}

func (l *lateness) isUse(e *event) bool {
	return e.cell == l.cell && !e.deferred && (e.effect.MustChange || e.effect.MustCommit)
}

func (l *lateness) isCommit(e *event) bool {
	return e.cell == l.cell && !e.deferred && e.effect.MustCommit
}

func (l *lateness) saysCaching(e *event) bool {
	return e.response.to.root != nil && e.writer == l.writer && e.response.caching == known.AllowsCaching
}

func (l *lateness) isWrite(e *event) bool {
	return e.response.to.root != nil && e.writer == l.writer && e.response.written
}

func (l *lateness) add(at place, e *event, write token.Pos) {
	for _, u := range l.found {
		if u.event == e {
			return
		}
	}
	l.found = append(l.found, lateUse{at, e, write})
}

// follow adds the first uses after a place, on every way from there.
func (l *lateness) follow(from place, write token.Pos, seen map[int]bool) {
	b := l.f.blocks[from.block]
	for i := from.index + 1; i < len(b.events); i++ {
		if l.isUse(&b.events[i]) {
			l.add(place{from.block, i}, &b.events[i], write)
			return
		}
	}
	for _, succ := range b.Succs {
		if next := int(succ.Index); !seen[next] {
			seen[next] = true
			l.follow(place{next, -1}, write, seen)
		}
	}
}

// deferredAround adds the deferred Saves and Destroys that run after a write: those of its path.
func (l *lateness) deferredAround(at place, write *event) {
	b := l.f.blocks[at.block]
	if write.response.fails || !l.f.behind(b, at.index, l.cell, l.outlooks).normal.IsValid() {
		return
	}
	for bi, other := range l.f.blocks {
		for i := range other.events {
			e, deferAt := &other.events[i], place{bi, i}
			if e.cell == l.cell && e.deferred && e.effect.MustCommit && other.start.reached &&
				(l.reaches(at, deferAt) || l.reaches(deferAt, at)) {
				l.add(deferAt, e, write.node.Pos())
			}
		}
	}
}

// lastBefore returns the last event of a kind in the source that leads to a place.
func (l *lateness) lastBefore(at place, is func(*event) bool) token.Pos {
	var last token.Pos
	for bi, b := range l.f.blocks {
		for i := range b.events {
			if is(&b.events[i]) && l.reaches(place{bi, i}, at) {
				last = max(last, b.events[i].node.Pos())
			}
		}
	}
	return last
}

// reaches reports whether control may come from one place to another.
func (l *lateness) reaches(from, to place) bool { return l.comesTo(from, to, false) }

// comesTo is reaches; unfailing leaves out the error edges, on which what has been written may not have been.
func (l *lateness) comesTo(from, to place, unfailing bool) bool {
	if from.block == to.block && from.index < to.index {
		return true
	}
	seen := map[int]bool{}
	todo := []int{from.block}
	for len(todo) > 0 {
		b := l.f.blocks[todo[0]]
		todo = todo[1:]
		for i, succ := range b.Succs {
			next := int(succ.Index)
			if unfailing && b.edges[i].failed {
				continue
			}
			if next == to.block {
				return true
			}
			if !seen[next] {
				seen[next] = true
				todo = append(todo, next)
			}
		}
	}
	return false
}

// report reports what was found, less what only follows another late use.
func (l *lateness) report(pass *analysis.Pass) {
	for _, u := range l.found {
		if l.follows(u) {
			continue
		}
		line := pass.Fset.Position(u.write).Line
		message := fmt.Sprintf("%s comes after the response has begun on line %d: a cookie can no longer be sent", u.event.what, line)
		if u.event.deferred {
			message = fmt.Sprintf("the deferred %s comes after the response has begun on line %d: a cookie can no longer be sent", strings.TrimPrefix(u.event.what, "this "), line)
		}
		pass.Report(analysis.Diagnostic{
			Pos: u.event.node.Pos(), End: u.event.node.End(), Message: message,
			Related: []analysis.RelatedInformation{{Pos: u.write, Message: "the response begins here at the latest"}},
		})
	}
}

// reportCached reports what takes back the no-store that goes with a cookie.
func (l *lateness) reportCached(pass *analysis.Pass) {
	for _, u := range l.cached {
		what := u.event.response.header
		if what == "" {
			what = u.event.what
		}
		pass.Report(analysis.Diagnostic{
			Pos: u.event.node.Pos(), End: u.event.node.End(),
			Message: fmt.Sprintf("%s comes after the cookie that line %d may set, and lets caches keep it: set it before",
				what, pass.Fset.Position(u.write).Line),
			Related: []analysis.RelatedInformation{{Pos: u.write, Message: "here the cookie is set, and Cache-Control: no-store"}},
		})
	}
}

func (l *lateness) follows(u lateUse) bool {
	if u.event.deferred {
		return false
	}
	for _, other := range l.found {
		if other.event != u.event && !other.event.deferred && l.reaches(other.place, u.place) &&
			(!l.reaches(u.place, other.place) || other.event.node.Pos() < u.event.node.Pos()) {
			return true
		}
	}
	return false
}
