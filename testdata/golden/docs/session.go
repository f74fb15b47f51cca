// Package docs has comments of all sorts.
package docs

// A SessionSchema remembers things:
//
//   - this
//   - that
//
// Example:
//
//	s.SetName("x")
//
// Deprecated: use none at all.
//
//sessiongen:schema
type SessionSchema struct {
	// Name is how the visitor wants to be called.
	//
	// It may be empty.
	Name string

	// The account's number.
	Number int64

	City string // where the visitor lives

	// Deprecated: use City.
	Town string

	// Mail is an address.
	//
	// Deprecated: it bounces.
	Mail []string

	/* Block comments
	   count too. */
	Block string

	// Names of others, see [SessionSchema.Name].
	Other string // and a second comment

	// Hint is shown once.
	Hint string `session:"hint,flash"`

	// Namely nothing: the comment begins with another field's name.
	//nolint:all
	Nameless string

	// Old has a directive of the kind without a colon.
	Old string //nolint
}

/*
Plain has a block comment.
*/
//sessiongen:schema Plain
type plainSchema struct {
	A string
}

//sessiongen:schema
type BareSchema struct {
	A string
}
