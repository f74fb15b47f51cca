// Package course is a course of tests that every framework takes whose handlers use sessions: a site over real HTTP,
// visited by browsers that keep cookies, in good days and bad ones. The routes are written once, here, and mean the
// same everywhere; a framework's test says how its own handlers, errors and middlewares carry them, and what cannot be
// had in it, with the reason.
//
// A test that fails in one framework alone is a fault of its adapter, or a limit that doc/frameworks.md has to name.
package course
