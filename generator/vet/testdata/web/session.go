// Package web has the sessions of the shop, and what its other packages do with them.
package web

import "time"

//go:generate go tool sessiongen

// SessionSchema is what the shop remembers about a visitor between requests.
//
//sessiongen:schema
type SessionSchema struct {
	UserID   int64             `session:"user_id,renew"`
	UserName string            `session:"user_name,renew"`
	Cart     []Item            `session:"cart"`
	Prefs    map[string]string `session:"prefs"`
	Theme    string            `session:"theme"`
	Visits   int64             `session:"visits,counter"`
	Tries    int64             `session:"tries,counter"`
	Notice   string            `session:"notice,flash"`
	OTP      string            `session:"otp,secret,ttl=10m"`
	Tokens   map[string]string `session:"tokens,secret"`
	State    string            `session:"state,flash,secret"`
	Ship     *Address          `session:"ship"`
	Wizard   Wizard            `session:"wizard"`
	LastSeen time.Time
}

// AdminSchema is a session without secrets.
//
//sessiongen:schema Admin
type AdminSchema struct {
	Login string   `session:"login,owner"`
	Roles []string `session:"roles"`
	Extra any      `session:"extra,json"`
}

type Item struct {
	SKU string
	Qty int
}

type Address struct {
	City string
	Zip  string
}

type Wizard struct {
	Step  int
	Email string
	Tags  []string
}
