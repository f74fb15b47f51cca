// Package anonymous has structs without a name.
package anonymous

//sessiongen:schema
type SessionSchema struct {
	Point struct{ X, Y int }
	Wide  struct {
		A, B, C string
		D       bool `session:"last"`
	}
	Other struct{ A, B, C, E string }
	List  []struct {
		Key   string `session:"k"`
		Value []byte `session:"v"`
	}
	Ptr *struct{ Deep struct{ X, Y int } }
}
