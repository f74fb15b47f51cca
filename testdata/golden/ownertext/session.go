// Package ownertext has owners of types with a marshaler, of names that a parameter cannot have, and wrappers whose
// names end in s.
package ownertext

import "net/netip"

// Key is a type with a text marshaler.
type Key [4]byte

func (k Key) MarshalText() ([]byte, error) { return k[:], nil }

func (k *Key) UnmarshalText(b []byte) error { copy(k[:], b); return nil }

//sessiongen:schema Bookings
type BookingsSchema struct {
	Type netip.Addr `session:"type,owner=1000"`
}

//sessiongen:schema Chess
type ChessSchema struct {
	Record Key `session:"record,owner=1,renew"`
}

// Person is embedded.
type Person struct {
	M uint32 `session:"m,owner"`
}

//sessiongen:schema Visit
type VisitSchema struct {
	Person
}
