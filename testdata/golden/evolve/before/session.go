// Package before is what package after was before its schema changed. Binaries of both share sessions.
package before

// An Address will have more fields.
type Address struct{ City string }

// An Order holds addresses at all places that have a name, and in a list.
type Order struct {
	Ship    Address
	Bill    *Address
	ByLabel map[string]Address
	Past    []Address
}

//sessiongen:schema id=example.com/evolve.Session
type SessionSchema struct {
	Order  Order
	Places map[string]Address
	Age    string
	Pair   [2]int
	Mail   string `session:"email"`
	Name   string
}
