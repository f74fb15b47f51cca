// Package shop is the schema of the README, with a struct of its own.
package shop

import "time"

//go:generate go tool sessiongen

// SessionSchema is what the shop remembers about a visitor between requests.
//
//sessiongen:schema
type SessionSchema struct {
	// UserID is the account's number.
	UserID   int64             `session:"user_id,renew"`
	UserName string            `session:"user_name,renew"`
	Cart     []Item            `session:"cart,max=100"`
	Prefs    map[string]string `session:"prefs"`
	Visits   int64             `session:"visits,counter"`
	Notice   string            `session:"notice,flash"`
	OTP      string            `session:"otp,secret,ttl=10m"`
	Ship     *Address          // where to
	LastSeen time.Time
}

// An Item is one line of the cart.
type Item struct {
	SKU string
	Qty int `session:"n"`
}

// An Address is a place.
type Address struct {
	City string
	Zip  string
}
