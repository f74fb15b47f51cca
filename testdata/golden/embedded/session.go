// Package embedded has structs whose fields are promoted, in the schema and below it.
package embedded

import "sync"

// A Person is embedded in the schema and in an Account.
type Person struct {
	Name string
	// Born is a year.
	Born int
}

type contact struct {
	Mail  string
	Phone string
}

// A Login is embedded in the schema alone, so its tags may have options.
type Login struct {
	UserID int64 `session:"user_id,renew"`
}

// An Account embeds others.
type Account struct {
	contact
	Person
	ID int64
}

// Labels are embedded and no struct: a field like any other.
type Labels []string

//sessiongen:schema
type SessionSchema struct {
	Person
	Login
	contact
	Labels
	Account Account

	mu sync.Mutex `session:"-"` // left out, and yet not to be copied
}

// Lock keeps the unexported field in use.
func (s *SessionSchema) Lock() { s.mu.Lock() }
