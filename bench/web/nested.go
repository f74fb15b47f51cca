package web

import "time"

// NestedSchema keeps the nine fields in one struct, for which sessiongen generates an encoder and a decoder that are
// comparable to those of other code generators.
//
//sessiongen:schema
type NestedSchema struct {
	Visitor Visitor `session:"visitor"`
}

// A Visitor has the fields of SessionSchema.
type Visitor struct {
	Name     string    `session:"name"`
	UserID   int64     `session:"user_id"`
	Roles    []string  `session:"roles"`
	LastSeen time.Time `session:"last_seen"`
	Cart     []Item    `session:"cart"`
	CSRF     []byte    `session:"csrf"`
	Visits   int64     `session:"visits"`
	Notice   string    `session:"notice"`
	Lang     string    `session:"lang"`
}
