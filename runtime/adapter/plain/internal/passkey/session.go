// Package passkey is a schema of a site whose visitors log in with passkeys.
package passkey

import "github.com/go-webauthn/webauthn/webauthn"

//go:generate go tool sessiongen

// SessionSchema has the site's data about a visitor.
//
//sessiongen:schema
type SessionSchema struct {
	UserName string `session:"user_name,renew"`

	// Ceremony is the state of a registration or a login, which go-webauthn gives out when it begins and wants back
	// when it ends. Secret, so that the login clears it; the ttl is that of the challenge.
	Ceremony *webauthn.SessionData `session:"ceremony,json,secret,ttl=5m"`
}
