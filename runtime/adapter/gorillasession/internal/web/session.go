// Package web is a schema of a site that lets others vouch for its visitors.
package web

//go:generate go tool sessiongen

// SessionSchema has fields for the values that a library keeps while a login is under way. They are secret, so that the
// login clears them, and end by themselves.
//
//sessiongen:schema
type SessionSchema struct {
	UserName string `session:"user_name,renew"`

	// OAuth has goth's values while a visitor is at the provider.
	OAuth map[string]string `session:"oauth,secret,ttl=10m"`

	// Ticket is the same in a struct, for a library that knows which values it keeps.
	Ticket Ticket `session:"ticket,secret,ttl=10m"`
}

// A Ticket has the values that a library keeps.
type Ticket struct {
	State string
	Tries int
}
