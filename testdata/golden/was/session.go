// Package was has fields that had other keys.
package was

// A Place is a struct.
type Place struct{ City string }

//sessiongen:schema
type SessionSchema struct {
	Mail  string         `session:"mail,was=email"`
	Langs []string       `session:"langs,was=languages,was=lang"`
	Home  Place          `session:"home,was=address"`
	Seen  map[string]int `session:"seen,was=views"`
	Count int            `session:"count,counter,was=hits"`
}
