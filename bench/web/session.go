// Package web holds the two schemas that are measured: a session of nine realistic fields and one of two.
package web

import "time"

//go:generate go tool sessiongen

// SessionSchema is what a shop remembers about a visitor.
//
//sessiongen:schema
type SessionSchema struct {
	Name     string    `session:"name"`
	UserID   int64     `session:"user_id,renew"`
	Roles    []string  `session:"roles"`
	LastSeen time.Time `session:"last_seen"`
	Cart     []Item    `session:"cart"`
	CSRF     []byte    `session:"csrf"`
	Visits   int64     `session:"visits,counter"`
	Notice   string    `session:"notice,flash"`
	Lang     string    `session:"lang"`
}

// An Item is one line of the cart.
type Item struct {
	SKU   string `session:"sku"`
	Count int    `session:"count"`
	Cents int64  `session:"cents"`
}

// SmallSchema is a session of two fields.
//
//sessiongen:schema
type SmallSchema struct {
	Name   string `session:"name,renew"`
	Visits int64  `session:"visits,counter"`
}
