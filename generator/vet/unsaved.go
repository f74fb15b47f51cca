package vet

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// Unsaved reports changes that are lost.
var Unsaved = &analysis.Analyzer{
	Name: "unsaved",
	Doc: `report changes of a session that are not saved

Question: is there a branch of the function on which a session has certainly been changed, no Save can come any more, and
the function returns without a failure?

A change is a call of SetF, ClearF, AddF, AppendF, PutF, DeleteF or Renew (TakeF needs no Save), or of a function that
makes one on every path. The session comes from Load or Open, directly or through functions that return it. A Save on
one branch does not excuse the other; a deferred Save excuses all.

Out of scope: sessions from Get and Handle, and from Load within Middleware as far as this package shows, which are saved
for the handler (one that another package puts inside Middleware should call Get, which says so); sessions that are
parameters, which are the caller's to save; sessions that are stored, sent, held by an interface, captured by a closure that
saves, or given to a function of which nothing is known, from there on. On the branch that is taken if an error is not nil
(if err != nil, errors.Is, a case of a switch) a change that was made before may be dropped, and so it may before an answer
with a status of 400 or more, and at a return of an error that is not nil. If whether a session was changed and whether it is
saved depend on different conditions, nothing is reported; nor is the branch past a condition that looks as if it knew: one
on a variable that is assigned in several places, be it in part, as in if changed { save } and if len(problems) > 0 { return },
or on the field that was changed, as in if s.Visits()%10 == 0 { save }. An endless loop that never saves counts as a return.

	s.SetUserName(name)
	if remember {
		if err := s.Save(); err != nil { … }
	}
	http.Redirect(w, r, "/", http.StatusSeeOther) // lost unless remember`,
	URL:      docURL,
	Requires: []*analysis.Analyzer{flow},
	Run:      runUnsaved,
}

func runUnsaved(pass *analysis.Pass) (any, error) {
	p := pass.ResultOf[flow].(*program)
	if p == nil {
		return nil, nil
	}
	for _, f := range p.opened() {
		for _, c := range f.cells.list {
			if c.all(fromLoad, fromOpen) {
				f.reportUnsaved(pass, c)
			}
		}
	}
	return nil, nil
}

// reportUnsaved looks at each branch: whoever takes it with a dirty session, and finds no Save behind it, loses the
// changes, whatever the conditions. That a session is dirty on one way to a point and clean on another proves nothing:
// the code may well know which.
func (f *function) reportUnsaved(pass *analysis.Pass, c *cell) {
	if !f.changes(c) {
		return
	}
	outlooks := f.backward(c)
	reported := map[*event]bool{}
	for _, b := range f.blocks {
		switch ret := b.Return(); {
		case !b.start.reached || b.end.cells[c.index].level != dirty || b.fails:
		case ret != nil:
			b.end.cells[c.index].lost(pass, reported, ret.Pos())
		default:
			for i, succ := range b.Succs {
				if o := outlooks[succ.Index]; !o.save && o.normal.IsValid() {
					f.through(b, i).cells[c.index].lost(pass, reported, o.normal)
				}
			}
		}
	}
}

// changes reports whether the function changes a session at all.
func (f *function) changes(c *cell) bool {
	for _, b := range f.blocks {
		for i := range b.events {
			if b.events[i].cell == c && b.events[i].effect.MustChange {
				return true
			}
		}
	}
	return false
}

// lost reports the first of the changes that make a session dirty where it is returned from, once.
func (c cellState) lost(pass *analysis.Pass, reported map[*event]bool, ret token.Pos) {
	if c.level != dirty || c.safe {
		return
	}
	for _, e := range c.pending {
		if reported[e] {
			return
		}
	}
	for _, e := range c.pending {
		reported[e] = true
	}
	e := slices.MinFunc(c.pending, func(a, b *event) int { return cmp.Compare(a.node.Pos(), b.node.Pos()) })
	pass.Report(analysis.Diagnostic{
		Pos: e.node.Pos(), End: e.node.End(),
		Message: fmt.Sprintf("what %s changes in the session may be lost: line %d is reached without Save", e.what, pass.Fset.Position(ret).Line),
		Related: []analysis.RelatedInformation{{Pos: ret, Message: "here the session is dropped"}},
	})
}
