// Package owner has a field that says whose a session is.
package owner

//sessiongen:schema
type SessionSchema struct {
	UserID int64 `session:"user_id,owner=5"`
	Theme  string
}

// AccountName is how an account is called.
type AccountName string

//sessiongen:schema Kiosk
type KioskSchema struct {
	Account AccountName `session:"account,owner,secret,max=64"`
}
