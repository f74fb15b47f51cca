// Package keys has fields whose key is made of their name.
package keys

//sessiongen:schema
type SessionSchema struct {
	ID         string
	UserID     string
	HTTPServer string
	LastSeenAt string
	OAuth2Code string
	Ünïcode    string
	X_Y        string
	Named      string `session:"Other-Key.1"`
	Empty      string `session:",renew"`
}
