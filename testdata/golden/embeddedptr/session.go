// Package embeddedptr has structs that are embedded by pointer, in the schema and below it.
package embeddedptr

// A Person is embedded by pointer.
type Person struct {
	*Home
	Name string
}

// A Home is embedded by pointer in what is embedded by pointer.
type Home struct {
	City string
	Tags []string
}

// An Account embeds both.
type Account struct {
	*Person
	ID int64
}

//sessiongen:schema
type SessionSchema struct {
	*Person
	Account Account
	Last    *Account
}
