// Package takennames declares what generated code would like to declare, and what it would like to import.
package takennames

import clock "time"

// An Item is read by a function of the package's own name.
type Item struct{ Name string }

var sessionFields = []string{"taken"}

func readItem() string { return sessionFields[0] + writeMapStringString }

const writeMapStringString = "taken"

func record() {}

func session() {}

func time() clock.Time { record(); session(); return clock.Time{} }

type slog struct{}

func store() (slog, string, clock.Time) { return slog{}, readItem(), time() }

// Taken keeps them in use.
func Taken() { store() }

//sessiongen:schema
type SessionSchema struct {
	Items []Item
	Prefs map[string]string
	At    clock.Time
	Code  string `session:"code,ttl=1h30m"`
}
