package shop

//go:generate go tool sessiongen

// SessionSchema has the sites' data about a visitor.
//
//sessiongen:schema
type SessionSchema struct {
	// UserName is the name that the visitor logged in with. Logging in renews the session's id.
	UserName string `session:"user_name,renew,max=64"`

	// Visits counts page views. Two tabs that load at once both count.
	Visits int64 `session:"visits,counter"`
}
