package site

import "time"

//go:generate go tool sessiongen

// SessionSchema is what the demo remembers about a visitor between requests.
//
//sessiongen:schema
type SessionSchema struct {
	// UserName is the name that the visitor logged in with, and whose the session is: the page of devices lists and ends
	// the sessions of one name. Logging in renews the session's id.
	UserName string `session:"user_name,owner,max=256"`

	// Since is when the visitor logged in.
	Since time.Time

	// Browser is what the visitor logged in with, in words.
	Browser string

	// LastSeen is when the visitor was last here, to the minute.
	LastSeen time.Time

	// Visits counts page views. Two tabs that load at once both count.
	Visits int64 `session:"visits,counter"`

	// Notice is shown on the next page, once.
	Notice string `session:"notice,flash"`
}
