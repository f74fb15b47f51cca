// Package vet lists the analyzers of sessionvet, which find mistakes in code that uses generated sessions: changes
// that nobody saves, saves that come too late, errors that are dropped, copies that are changed, sessions that
// outlive their request, secrets on their way to a log, limits that parallel requests pass together, timeouts that
// drop a cookie.
//
// A mistake is reported only where it is certain. The effects of functions on sessions and responses are inferred,
// and known in other packages from facts. A session of which anything is unknown (it is given to an interface, stored
// somewhere) is not reported: a checker that cries wolf is switched off. Tests are passed over: they lose changes,
// drop errors and print secrets on purpose.
//
// # Where to read
//
// Each analyzer has a folder; its doc.txt says what it asks, what counts and what is out of scope. They stand on
// source (functions, calls and variables, of which no session is known), known (what other packages do), generated
// (session types and their methods), middleware (which functions run within it), origin (which variables are one
// session, and where it comes from) and, unsaved, latesave and countlimit alone, flow (what happens to a session, and
// in which order).
package vet

import (
	"github.com/sessiongen/sessiongen/generator/vet/aliased"
	"github.com/sessiongen/sessiongen/generator/vet/countlimit"
	"github.com/sessiongen/sessiongen/generator/vet/escape"
	"github.com/sessiongen/sessiongen/generator/vet/latesave"
	"github.com/sessiongen/sessiongen/generator/vet/lostresult"
	"github.com/sessiongen/sessiongen/generator/vet/secretleak"
	"github.com/sessiongen/sessiongen/generator/vet/timeouthandler"
	"github.com/sessiongen/sessiongen/generator/vet/unsaved"
	"golang.org/x/tools/go/analysis"
)

// Analyzers returns all analyzers, for a driver.
func Analyzers() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		unsaved.Analyzer, latesave.Analyzer, lostresult.Analyzer, aliased.Analyzer,
		escape.Analyzer, secretleak.Analyzer, countlimit.Analyzer, timeouthandler.Analyzer,
	}
}
