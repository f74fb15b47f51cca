// Package latesave has the analyzer that reports uses of a session which come after the response has begun, and
// headers that let caches keep a cookie which has been set.
package latesave

import (
	_ "embed"
	"strings"

	"github.com/sessiongen/sessiongen/generator/vet/flow"
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
