// Package shop is the newer of two binaries that serve the same sessions during a rolling deploy.
package shop

//go:generate go tool sessiongen

// SessionSchema is version 2. Compared with version 1, Locale is added, Coupon is removed, Nickname has become DisplayName,
// Theme was a number, and Address and Item have grown.
//
//sessiongen:schema id=example.com/shop.Session
type SessionSchema struct {
	Visits      int64    `session:"visits,counter"`
	DisplayName string   `session:"display_name,was=nick"`
	Locale      string   `session:"locale"`
	Theme       string   `session:"theme"`
	Ship        Address  `session:"ship"`
	Cart        []Item   `session:"cart"`
	Seen        []string `session:"seen"`
}

// An Address is where the cart goes.
type Address struct {
	City string `session:"city"`
	Zip  string `session:"zip"`
}

// An Item is one line of the cart.
type Item struct {
	SKU string `session:"sku"`
	Qty int    `session:"qty"`
}
