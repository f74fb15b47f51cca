// Package vet holds the analyzers of sessionvet, which find mistakes in code that uses generated sessions: changes that
// nobody saves, saves that come too late, errors that are dropped, copies that are changed, sessions that outlive their
// request, secrets on their way to a log, limits that parallel requests pass together, timeouts that drop a cookie.
//
// A mistake is reported only where it is certain. What a function of the package under analysis does with a session or a
// response is inferred; what a function of another package does is known from facts. Whatever can be neither inferred nor
// known (a call through an interface, a session that is stored somewhere) silences the analyzers for that session: a
// checker that cries wolf is switched off. Tests are passed over: they lose changes, drop errors and print secrets on
// purpose.
//
// A session type is recognised by its field of type session.Of, whose type argument is the schema; which methods are
// generated follows from the schema's fields. Names alone decide nothing.
//
// # How it works
//
// The analyzer flow, which reports nothing, reads each function into events on its control-flow graph (events.go): a
// session is loaded, changed or saved, something is written to a response, the function fails. Variables of one session
// are one cell (cells.go). Two passes over the graph (forward.go, backward.go) then tell what has surely happened before
// each point and what may still happen after it; unsaved and latesave ask them. What a function does as a whole is its
// summary (summary.go): an event at its callers, and a fact for other packages.
package vet
