// Package latesave has the analyzer that reports uses of a session which come after the response has begun, and
// headers that let caches keep a cookie which has been set.
package latesave

import (
	_ "embed"
	"go/token"
	"strings"

	"github.com/sessiongen/sessiongen/generator/vet/flow"
	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/origin"
	"golang.org/x/tools/go/analysis"
)

//go:embed doc.txt
var doc string

// Analyzer reports uses of a session that come too late.
var Analyzer = &analysis.Analyzer{
	Name:     "latesave",
	Doc:      strings.TrimSpace(doc),
	URL:      "https://pkg.go.dev/github.com/sessiongen/sessiongen/generator/vet/latesave",
	Requires: []*analysis.Analyzer{flow.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	p := pass.ResultOf[flow.Analyzer].(*flow.Package)
	if p == nil {
		return nil, nil
	}
	for _, f := range p.Opened() {
		for _, s := range f.Sessions.List {
			w, ok := s.LoadedFor()
			if !ok || f.IsShared(s) {
				continue
			}
			for i, known := range f.Writers {
				if known == w {
					l := search{f: f, session: s, writer: i, behind: f.Backward(s)}
					l.find()
					l.report(pass)
					l.reportCached(pass)
				}
			}
		}
	}
	return nil, nil
}

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

func (l *search) find() {
	l.f.Events(func(at flow.Point, e *flow.Event, before *flow.State) {
		if l.isUse(e) && before.Written[l.writer] > flow.Not {
			l.add(at, l.lastBefore(at, l.isWrite))
		}
		sent := before.Sessions[l.session.Index].Sent > flow.Not
		if l.saysCaching(e) && sent && before.Written[l.writer] == flow.Not {
			l.cached = append(l.cached, late{at, e, l.lastBefore(at, l.isCommit)})
		}
		if l.isWrite(e) {
			if l.f.Behind(at, l.session, l.behind).Late {
				l.addFirsts(at, e.Node.Pos())
			}
			l.deferredAround(at, e)
			l.nextIteration(at, e.Node.Pos())
		}
	})
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

// deferredAround adds the deferred Saves and Destroys that run after a write: those of its path.
func (l *search) deferredAround(at flow.Point, write *flow.Event) {
	if write.Response.Fails || !l.f.Behind(at, l.session, l.behind).Normal.IsValid() {
		return
	}
	l.f.Events(func(deferred flow.Point, e *flow.Event, _ *flow.State) {
		if e.Session == l.session && e.Deferred && e.Effect.MustCommit &&
			(l.reaches(at, deferred) || l.reaches(deferred, at)) {
			l.add(deferred, write.Node.Pos())
		}
	})
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
