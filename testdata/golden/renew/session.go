// Package renew has fields whose change gives the session a new id.
package renew

//sessiongen:schema
type SessionSchema struct {
	UserID int64    `session:"user_id,renew"`
	Roles  []string `session:"roles,renew"`
	Theme  string
}
