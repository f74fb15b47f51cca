package latesave

import (
	"fmt"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// report reports the late uses, less those that only follow another.
func (l *search) report(pass *analysis.Pass) {
	for _, u := range l.found {
		if l.follows(u) {
			continue
		}
		which := u.event.What
		if u.event.Deferred {
			which = "the deferred " + strings.TrimPrefix(which, "this ")
		}
		pass.Report(analysis.Diagnostic{
			Pos: u.event.Node.Pos(), End: u.event.Node.End(),
			Message: fmt.Sprintf("%s comes after the response has begun on line %d: a cookie can no longer be sent",
				which, pass.Fset.Position(u.after).Line),
			Related: []analysis.RelatedInformation{{Pos: u.after, Message: "the response begins here at the latest"}},
		})
	}
}

func (l *search) follows(u late) bool {
	if u.event.Deferred {
		return false
	}
	for _, other := range l.found {
		if other.event != u.event && !other.event.Deferred && l.reaches(other.Point, u.Point) &&
			(!l.reaches(u.Point, other.Point) || other.event.Node.Pos() < u.event.Node.Pos()) {
			return true
		}
	}
	return false
}

// reportCached reports the headers that take back the no-store of a cookie.
func (l *search) reportCached(pass *analysis.Pass) {
	for _, u := range l.cached {
		what := u.event.Response.Header
		if what == "" {
			what = u.event.What
		}
		pass.Report(analysis.Diagnostic{
			Pos: u.event.Node.Pos(), End: u.event.Node.End(),
			Message: fmt.Sprintf("%s comes after the cookie that line %d may set, and lets caches keep it:"+
				" set it before", what, pass.Fset.Position(u.after).Line),
			Related: []analysis.RelatedInformation{{
				Pos: u.after, Message: "here the cookie is set, and Cache-Control: no-store",
			}},
		})
	}
}
