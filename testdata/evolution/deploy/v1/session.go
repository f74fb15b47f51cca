// Package shop is the older of two binaries that serve the same sessions during a rolling deploy.
package shop

//go:generate go tool sessiongen

// SessionSchema is version 1.
//
//sessiongen:schema id=example.com/shop.Session
type SessionSchema struct {
	Visits   int64    `session:"visits,counter"`
	Nickname string   `session:"nick"`
	Coupon   string   `session:"coupon"`
	Theme    int      `session:"theme"`
	Ship     Address  `session:"ship"`
	Cart     []Item   `session:"cart"`
	Seen     []string `session:"seen"`
}

// An Address is where the cart goes.
type Address struct {
	City string `session:"city"`
}

// An Item is one line of the cart.
type Item struct {
	SKU string `session:"sku"`
}
