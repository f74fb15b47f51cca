// Package faults puts a whole site, not a store alone, through bad days: handlers behind real HTTP, a session manager
// and its store, on servers that die, hang, lie or run full while visitors are under way. It has nothing but tests:
// each row of their table is one fault, and all rows are one story.
//
// What the stores do with each fault on their own is tested beside them.
package faults
