// Package after is what package before became.
package after

// An Address has got a Zip.
type Address struct {
	City string
	Zip  string
}

// An Order holds addresses at all places that have a name, and in a list.
type Order struct {
	Ship    Address
	Bill    *Address
	ByLabel map[string]Address
	Past    []Address
	Note    string
}

//sessiongen:schema id=example.com/evolve.Session
type SessionSchema struct {
	Order  Order
	Places map[string]Address
	Age    int
	Pair   [3]int
	Mail   string `session:"mail,was=email"`
	Name   string
	Added  string
}
