// Package secret has fields that are never shown.
package secret

//sessiongen:schema
type SessionSchema struct {
	Token string            `session:"token,secret"`
	Keys  map[string]string `session:"keys,secret"`
	Name  string
}

//sessiongen:schema
type OnlySchema struct {
	Token string `session:"token,secret"`
}
