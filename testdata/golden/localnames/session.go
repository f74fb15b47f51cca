// Package localnames has types that are called as parameters and variables of generated code are.
package localnames

type (
	s string
	v int
	k string
	r struct{ A r2 }
	w []v
	i [2]v
	e struct{ *r }

	r2    string
	delta int
	store bool
	cfg   float64
)

//sessiongen:schema
type SessionSchema struct {
	S     s
	V     v
	K     map[k]v
	R     r
	W     w
	I     i
	E     e
	Delta delta `session:"delta,counter"`
	Store store
	Cfg   cfg
	Once  v `session:"once,flash"`
}
