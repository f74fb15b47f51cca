package main

import "time"

//go:generate go tool sessiongen

// SessionSchema is what the shop remembers about a visitor between requests.
//
//sessiongen:schema
type SessionSchema struct {
	// Account is who has logged in. As the owner it gives the session a new id at the login, and the page of devices
	// lists and ends the sessions of one account. Ten devices are enough for a person: an eleventh login ends the
	// oldest.
	Account string `session:"account,owner=10,max=80"`

	// Name is what the account's person is called, kept here so that a page need not ask the database.
	Name string `session:"name,max=80"`

	// Since is when the visitor logged in.
	Since time.Time

	// Device is what the visitor logged in with, in words.
	Device string `session:"device,max=80"`

	// LastSeen is when the visitor was last here, to the minute.
	LastSeen time.Time

	// LoginTries counts passwords that this visitor tries. As a counter it counts tries that are made at one time,
	// each for itself; after a quarter of an hour it starts anew.
	LoginTries int `session:"login_tries,counter,ttl=15m"`

	// Cart is how many of each product. As a map it merges: of two tabs that put different things into it at one time
	// both are heard, and for one and the same thing the later click holds. A cart has a bound, because anybody can
	// fill it.
	Cart map[string]int `session:"cart,max=40"`

	// Address is the first step of the checkout. Who comes back to a shared computer after half an hour finds it gone.
	Address Address `session:"address,ttl=30m"`

	// Delivery is the second step, and lasts as long.
	Delivery string `session:"delivery,ttl=30m,max=20"`

	// OrderOnce is there while the visitor may place the order that the last step shows. As a flash one request alone
	// can take it: a double click buys once.
	OrderOnce bool `session:"order_once,flash,ttl=30m"`

	// OAuthState, OAuthVerifier and ReturnTo belong to a login that is under way at the provider. As secrets they are
	// in no log, and none that was planted before a login survives it. Ten minutes are enough to say yes.
	OAuthState    string `session:"oauth_state,secret,ttl=10m,max=100"`
	OAuthVerifier string `session:"oauth_verifier,secret,ttl=10m,max=100"`
	ReturnTo      string `session:"return_to,secret,ttl=10m,max=2000"`

	// Prefs are language and theme. As a map it has room for more, and two forms do not overwrite each other.
	Prefs map[string]string `session:"prefs,max=10"`

	// Notice is shown on the next page, once.
	Notice Notice `session:"notice,flash"`
}

// A Notice is a sentence of the texts, and the product that it speaks of, if it does: the language is the next page's.
type Notice struct {
	Text    string
	Product string
}

// An Address is where an order goes.
type Address struct {
	Name     string
	Street   string
	Postcode string
	City     string
}
