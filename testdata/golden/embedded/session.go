// Package embedded has structs whose fields are promoted, in the schema and below it.
package embedded

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
}
