// Package embeddedkey has an embedded struct that its tag makes a field of its own, and one that marshals itself.
package embeddedkey

import "net/netip"

// A Person is stored under one key.
type Person struct{ Name string }

// An Origin is stored as text, by the method that it gets from what it embeds.
type Origin struct{ netip.Addr }

//sessiongen:schema
type SessionSchema struct {
	Person `session:"person"`
	Origin
	In struct{ Origin }
}
