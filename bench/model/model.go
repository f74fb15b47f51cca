// Package model holds the same nine and two fields as plain structs with the codec that msgp generates, and the values
// that every contender stores.
package model

import "time"

//go:generate go tool msgp -tests=false -io=false

// Session has the fields of web.SessionSchema.
type Session struct {
	Name     string    `msg:"name"`
	UserID   int64     `msg:"user_id"`
	Roles    []string  `msg:"roles"`
	LastSeen time.Time `msg:"last_seen"`
	Cart     []Item    `msg:"cart"`
	CSRF     []byte    `msg:"csrf"`
	Visits   int64     `msg:"visits"`
	Notice   string    `msg:"notice"`
	Lang     string    `msg:"lang"`
}

// An Item is one line of the cart.
type Item struct {
	SKU   string `msg:"sku"`
	Count int    `msg:"count"`
	Cents int64  `msg:"cents"`
}

// Small has the fields of web.SmallSchema.
type Small struct {
	Name   string `msg:"name"`
	Visits int64  `msg:"visits"`
}
