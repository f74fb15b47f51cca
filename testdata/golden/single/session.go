// Package single has one field, the least that there is.
package single

//sessiongen:schema
type SessionSchema struct{ Name string }
