package main

import (
	"flag"
	"testing"

	"github.com/sessiongen/sessiongen/internal/browser"
)

var shots = flag.String("shots", "", "leave pictures of all pages, on a phone and on a desk, light and dark, in this `folder`")

// walk goes through all pages as somebody does who buys something, and tells of each.
func walk(b *tab, shows func(name string)) {
	b.t.Helper()
	click := func(selector, at string) {
		b.t.Helper()
		b.Click(selector)
		b.At(at)
	}
	page := func(path, name string) {
		b.t.Helper()
		b.Visit(path)
		b.At(path)
		shows(name)
	}
	page("/", "shelf")
	page("/cart", "cart-empty")
	page("/products/teapot", "product")
	b.Click(`form[action="/cart/teapot/add"] button`)
	b.Sees("in your cart.")
	shows("product-added")
	b.Visit("/products/espresso")
	b.Click(`form[action="/cart/espresso/add"] button`)
	b.Sees("in your cart.")
	page("/cart", "cart")
	click(`a[href="/checkout"]`, "/login")
	shows("login")
	b.fill("name", "ann", "password", "wrong")
	b.Click(`form[action="/login"] button`)
	b.Sees("There is no such name")
	shows("login-wrong")
	b.Click(`form[action="/oauth/start"] button`)
	b.At("/authorize")
	shows("provider")
	click(`button[value="carol"]`, "/checkout/address")
	shows("address")
	b.fill("street", "Hofweg 1", "postcode", "20535", "city", "Hamburg")
	click(`form[action="/checkout/address"] button`, "/checkout/delivery")
	b.Click(`input[value="bike"]`)
	shows("delivery")
	click(`form[action="/checkout/delivery"] button`, "/checkout/review")
	shows("review")
	page("/account", "account-empty")
	b.Visit("/checkout/review")
	click(`form[action="/checkout/place"] button`, "/orders/K1001")
	shows("order")
	page("/account", "account")
	page("/devices", "devices-one")
	page(inspectorPath, "inspector")
	page("/no/such", "missing")
	b.Visit("/login")
	b.Click(`form[action="/logout"] button`)
	b.Sees("You are logged out.")
	b.login("ann")
	other := b.device()
	other.login("ann")
	page("/devices", "devices")
	b.site.store.down.Store(true)
	page("/account", "unavailable")
	b.site.store.down.Store(false)
}

func TestTheBrowserComplainsOfNoPage(t *testing.T) {
	b := browse(t, serve(t))
	walk(b, func(name string) {
		b.t.Helper()
		wide := browser.Evaluate[bool](b.Tab, `document.documentElement.scrollWidth > innerWidth`)
		if found := b.Complaints(); found != "" || wide {
			t.Errorf("%s: wider than the window: %t, complaints: %s", name, wide, found)
		}
	})
}

func TestASmallPhoneInGermanScrollsOneWay(t *testing.T) {
	b := browse(t, serve(t))
	b.Size(320, 640)
	b.Visit("/products/plates")
	b.Click(`button[value="de"]`)
	b.Sees("In den Korb")
	b.Click(`form[action="/cart/plates/add"] button`)
	b.Sees("liegt in Ihrem Korb")
	b.Visit("/login")
	b.fill("name", "ann", "password", password)
	b.Click(`form[action="/login"] button`)
	b.Sees("Sie sind angemeldet.")
	b.device().login("ann")
	for _, path := range []string{"/", "/products/plates", "/cart", "/checkout/address", "/account", "/devices", "/no/such"} {
		b.Visit(path)
		if width := b.Width(); width > 320 {
			t.Errorf("%s is %d wide", path, width)
		}
	}
}

func TestPicturesOfAllPages(t *testing.T) {
	for look := range browser.Looks(t, *shots) {
		b := browse(t, serve(t))
		look.Dress(b.Tab)
		walk(b, func(name string) { look.Shoot(b.Tab, name) })
	}
}
