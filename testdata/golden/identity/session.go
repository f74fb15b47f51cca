// Package identity says whose the sessions are, whatever package and name the schemas have.
package identity

//sessiongen:schema id=example.com/shop.Session
type SessionSchema struct{ Name string }

//sessiongen:schema Operator "id=the \"old\" back office"
type AdminSchema struct{ Name string }
