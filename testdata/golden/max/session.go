// Package max has fields that are bounded.
package max

// A Name is a string under a name.
type Name string

//sessiongen:schema
type SessionSchema struct {
	Text  string            `session:"text,max=64"`
	Name  Name              `session:"name,max=64"`
	Bytes []byte            `session:"bytes,max=64"`
	List  []string          `session:"list,max=10,ttl=10m"`
	Map   map[string]string `session:"map,max=10"`
}
