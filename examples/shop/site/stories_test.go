package main

import (
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

func TestTwoTabsOfABrowserFillOneCart(t *testing.T) {
	one := browse(t, serve(t))
	two := one.another()
	one.visit("/")
	two.visit("/") // before there is anything in the cart
	one.click(`form[action="/cart/mug/add"] button`)
	one.sees("Morning mug: in your cart.")
	var wg sync.WaitGroup
	for product, b := range map[string]*tab{"bowl": one, "vase": two} { // both at once
		wg.Go(func() {
			if err := chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(`form[action="/cart/`+product+`/add"] button`))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, b := range []*tab{one, two} { // by the count: which of them shows whose notice is the later click's to say
		b.wait(`(least) => document.querySelector("#count b")?.innerText >= least`, "2")
	}
	for _, b := range []*tab{one, two} {
		b.visit("/cart")
		for _, name := range []string{"Morning mug", "Soup bowl", "Bottle vase"} {
			b.sees(name)
		}
	}
}

func TestALoginInOneTabAndALogoutInTheOther(t *testing.T) {
	one := browse(t, serve(t))
	two := one.another()
	two.visit("/")
	two.click(`form[action="/cart/jug/add"] button`)
	two.sees("Water jug: in your cart.")
	one.login("ann")
	two.click(`a[href="/cart"]`)
	two.sees("Log out") // the other tab's login, and the cart from before it
	two.sees("Water jug")
	one.visit("/account")
	one.sees("Hello, Ann.")
	two.click(`form[action="/logout"] button`)
	two.sees("You are logged out.")
	one.click(`a[href="/devices"]`)
	one.at("/login")
	one.click(`a[href="/cart"]`)
	one.sees("There is nothing in it yet.")
}

func TestADeviceThatIsThrownOutIsAStrangerAtItsNextClick(t *testing.T) {
	desk := browse(t, serve(t))
	phone := desk.device()
	phone.login("ann")
	phone.visit("/account")
	desk.login("ann")
	desk.visit("/devices")
	desk.click(`form[action="/devices/end"] button`)
	desk.sees("The device is logged out.")
	phone.click(`a[href="/devices"]`)
	phone.at("/login")
	desk.visit("/account")
	desk.sees("Hello, Ann.")
}

func TestACheckoutThatWasLeftAloneAsksAgain(t *testing.T) {
	b := browse(t, serve(t))
	b.login("ann")
	b.visit("/")
	b.click(`form[action="/cart/teapot/add"] button`)
	b.sees("Teapot for three: in your cart.")
	b.visit("/checkout")
	b.fill("name", "Ann Ahlers", "street", "Hofweg 1", "postcode", "20535", "city", "Hamburg")
	b.click(`form[action="/checkout/address"] button`)
	b.at("/checkout/delivery")
	b.site.wait(31 * time.Minute)
	b.click(`input[value="bike"]`)
	b.click(`form[action="/checkout/delivery"] button`)
	b.at("/checkout/address")
	b.sees("Please answer this step first")
}

func TestAddingStaysOnThePageWithTheScript(t *testing.T) {
	b := browse(t, serve(t))
	b.visit("/")
	b.run(chromedp.Evaluate[chromedp.Void](`window.stayed = true`))
	b.click(`form[action="/cart/espresso/add"] button`)
	b.sees("Espresso pair: in your cart.")
	if !evaluate[bool](b, `window.stayed === true && document.querySelector("#count b").innerText === "1"`) {
		t.Error("the page was loaded anew, or the count is not the cart's")
	}
	b.visit("/cart")
	b.run(chromedp.Evaluate[chromedp.Void](`window.stayed = true`))
	b.click(`.stepper button[value="2"]`)
	b.sees("€44.00")
	b.click(`.stepper button[value="3"]`) // a row that the script has put there
	b.sees("€66.00")
	b.click(`.remove button`)
	b.sees("There is nothing in it yet.")
	if !evaluate[bool](b, `window.stayed === true`) {
		t.Error("the cart was loaded anew")
	}
}

func TestWithoutScriptsTheShopDoesTheSame(t *testing.T) {
	b := browse(t, serve(t))
	do(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.visit("/")
	b.click(`form[action="/cart/espresso/add"] button`)
	b.run(chromedp.WaitVisible(chromedp.CSS(`#count b`)))
	b.visit("/cart")
	b.click(`.stepper button[value="2"]`)
	b.run(chromedp.WaitVisible(chromedp.CSS(`.stepper button[value="3"]`)))
	b.click(`.remove button`)
	b.run(chromedp.WaitVisible(chromedp.CSS(`.empty`)))
}
