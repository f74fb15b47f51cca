package main

import (
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/browser"
)

func TestTwoTabsOfABrowserFillOneCart(t *testing.T) {
	one := browse(t, serve(t))
	two := one.another()
	one.Visit("/")
	two.Visit("/") // before there is anything in the cart
	one.Click(`form[action="/cart/mug/add"] button`)
	one.Sees("Morning mug: in your cart.")
	browser.Together(map[*browser.Tab]string{
		one.Tab: `form[action="/cart/bowl/add"] button`,
		two.Tab: `form[action="/cart/vase/add"] button`,
	})
	for _, b := range []*tab{one, two} { // by the count: which of them shows whose notice is the later click's to say
		b.Wait(`(least) => document.querySelector("#count b")?.innerText >= least`, "2")
	}
	for _, b := range []*tab{one, two} {
		b.Visit("/cart")
		for _, name := range []string{"Morning mug", "Soup bowl", "Bottle vase"} {
			b.Sees(name)
		}
	}
}

func TestALoginInOneTabAndALogoutInTheOther(t *testing.T) {
	one := browse(t, serve(t))
	two := one.another()
	two.Visit("/")
	two.Click(`form[action="/cart/jug/add"] button`)
	two.Sees("Water jug: in your cart.")
	one.login("ann")
	two.Click(`a[href="/cart"]`)
	two.Sees("Log out") // the other tab's login, and the cart from before it
	two.Sees("Water jug")
	one.Visit("/account")
	one.Sees("Hello, Ann.")
	two.Click(`form[action="/logout"] button`)
	two.Sees("You are logged out.")
	one.Click(`a[href="/devices"]`)
	one.At("/login")
	one.Click(`a[href="/cart"]`)
	one.Sees("There is nothing in it yet.")
}

func TestADeviceThatIsThrownOutIsAStrangerAtItsNextClick(t *testing.T) {
	desk := browse(t, serve(t))
	phone := desk.device()
	phone.login("ann")
	phone.Visit("/account")
	desk.login("ann")
	desk.Visit("/devices")
	desk.Click(`form[action="/devices/end"] button`)
	desk.Sees("The device is logged out.")
	phone.Click(`a[href="/devices"]`)
	phone.At("/login")
	desk.Visit("/account")
	desk.Sees("Hello, Ann.")
}

func TestACheckoutThatWasLeftAloneAsksAgain(t *testing.T) {
	b := browse(t, serve(t))
	b.login("ann")
	b.Visit("/")
	b.Click(`form[action="/cart/teapot/add"] button`)
	b.Sees("Teapot for three: in your cart.")
	b.Visit("/checkout")
	b.fill("name", "Ann Ahlers", "street", "Hofweg 1", "postcode", "20535", "city", "Hamburg")
	b.Click(`form[action="/checkout/address"] button`)
	b.At("/checkout/delivery")
	b.site.wait(31 * time.Minute)
	b.Click(`input[value="bike"]`)
	b.Click(`form[action="/checkout/delivery"] button`)
	b.At("/checkout/address")
	b.Sees("Please answer this step first")
}

func TestAddingStaysOnThePageWithTheScript(t *testing.T) {
	b := browse(t, serve(t))
	b.Visit("/")
	browser.Evaluate[bool](b.Tab, `window.stayed = true`)
	b.Click(`form[action="/cart/espresso/add"] button`)
	b.Sees("Espresso pair: in your cart.")
	if !browser.Evaluate[bool](b.Tab, `window.stayed === true && document.querySelector("#count b").innerText === "1"`) {
		t.Error("the page was loaded anew, or the count is not the cart's")
	}
	b.Visit("/cart")
	browser.Evaluate[bool](b.Tab, `window.stayed = true`)
	b.Click(`.stepper button[value="2"]`)
	b.Sees("€44.00")
	b.Click(`.stepper button[value="3"]`) // a row that the script has put there
	b.Sees("€66.00")
	b.Click(`.remove button`)
	b.Sees("There is nothing in it yet.")
	if !browser.Evaluate[bool](b.Tab, `window.stayed === true`) {
		t.Error("the cart was loaded anew")
	}
}

func TestWithoutScriptsTheShopDoesTheSame(t *testing.T) {
	b := browse(t, serve(t))
	b.NoScripts()
	b.Visit("/")
	b.Click(`form[action="/cart/espresso/add"] button`)
	b.Shows(`#count b`)
	b.Visit("/cart")
	b.Click(`.stepper button[value="2"]`)
	b.Shows(`.stepper button[value="3"]`)
	b.Click(`.remove button`)
	b.Shows(`.empty`)
}
