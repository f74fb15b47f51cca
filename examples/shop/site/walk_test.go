package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var shots = flag.String("shots", "", "leave pictures of all pages, on a phone and on a desk, light and dark, in this `folder`")

// walk goes through all pages as somebody does who buys something, and tells of each.
func walk(b *tab, shows func(name string)) {
	b.t.Helper()
	click := func(selector, at string) {
		b.t.Helper()
		b.click(selector)
		b.at(at)
	}
	page := func(path, name string) {
		b.t.Helper()
		b.visit(path)
		b.at(path)
		shows(name)
	}
	page("/", "shelf")
	page("/cart", "cart-empty")
	page("/products/teapot", "product")
	b.click(`form[action="/cart/teapot/add"] button`)
	b.sees("in your cart.")
	shows("product-added")
	b.visit("/products/espresso")
	b.click(`form[action="/cart/espresso/add"] button`)
	b.sees("in your cart.")
	page("/cart", "cart")
	click(`a[href="/checkout"]`, "/login")
	shows("login")
	b.fill("name", "ann", "password", "wrong")
	b.click(`form[action="/login"] button`)
	b.sees("There is no such name")
	shows("login-wrong")
	b.click(`form[action="/oauth/start"] button`)
	b.at("/authorize")
	shows("provider")
	click(`button[value="carol"]`, "/checkout/address")
	shows("address")
	b.fill("street", "Hofweg 1", "postcode", "20535", "city", "Hamburg")
	click(`form[action="/checkout/address"] button`, "/checkout/delivery")
	b.click(`input[value="bike"]`)
	shows("delivery")
	click(`form[action="/checkout/delivery"] button`, "/checkout/review")
	shows("review")
	page("/account", "account-empty")
	b.visit("/checkout/review")
	click(`form[action="/checkout/place"] button`, "/orders/K1001")
	shows("order")
	page("/account", "account")
	page("/devices", "devices-one")
	page(inspectorPath, "inspector")
	page("/no/such", "missing")
	b.visit("/login")
	b.click(`form[action="/logout"] button`)
	b.sees("You are logged out.")
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
		wide := evaluate[bool](b, `document.documentElement.scrollWidth > innerWidth`)
		if found := b.complaints(); found != "" || wide {
			t.Errorf("%s: wider than the window: %t, complaints: %s", name, wide, found)
		}
	})
}

func TestASmallPhoneInGermanScrollsOneWay(t *testing.T) {
	b := browse(t, serve(t))
	b.run(chromedp.EmulateViewport(320, 640))
	b.visit("/products/plates")
	b.click(`button[value="de"]`)
	b.sees("In den Korb")
	b.click(`form[action="/cart/plates/add"] button`)
	b.sees("liegt in Ihrem Korb")
	b.visit("/login")
	b.fill("name", "ann", "password", password)
	b.click(`form[action="/login"] button`)
	b.sees("Sie sind angemeldet.")
	b.device().login("ann")
	for _, path := range []string{"/", "/products/plates", "/cart", "/checkout/address", "/account", "/devices", "/no/such"} {
		b.visit(path)
		if width := evaluate[int](b, `document.documentElement.scrollWidth`); width > 320 {
			t.Errorf("%s is %d wide", path, width)
		}
	}
}

func TestPicturesOfAllPages(t *testing.T) {
	if *shots == "" {
		t.Skip("no -shots")
	}
	if err := os.MkdirAll(*shots, 0o755); err != nil {
		t.Fatal(err)
	}
	for device, size := range map[string][2]int64{"phone": {390, 844}, "desk": {1280, 900}} {
		for _, scheme := range []string{"light", "dark"} {
			b := browse(t, serve(t))
			b.run(chromedp.EmulateViewport(size[0], size[1]))
			do(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
			})
			walk(b, func(name string) {
				picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(*shots, name+"-"+device+"-"+scheme+".png"), picture, 0o644); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}
