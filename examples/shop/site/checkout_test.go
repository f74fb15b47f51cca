package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

var home = []string{"name", "Ann  Ahlers", "street", "Hofweg 1", "postcode", "20535", "city", "Hamburg"}

// shopper is a visitor who is logged in and has two things in the cart.
func shopper(t *testing.T) *visitor {
	t.Helper()
	v := serve(t).visitor(t)
	v.fill("mug", "teapot")
	v.login("ann")
	return v
}

func TestACheckoutGoesThroughItsSteps(t *testing.T) {
	v := shopper(t)
	resp, _ := v.get("/checkout")
	v.ends(resp, "/checkout/address")
	resp, body := v.post("/checkout/address", home...)
	v.ends(resp, "/checkout/delivery")
	v.wants(body, "Cargo bike")
	resp, body = v.post("/checkout/delivery", "delivery", "bike")
	v.ends(resp, "/checkout/review")
	v.wants(body, "Ann Ahlers", "20535 Hamburg", "€90.90")
	resp, body = v.post("/checkout/place", "total", hidden(body, "total"))
	v.ends(resp, "/orders/K1001")
	v.wants(body, "Thank you! Your order is placed.", "€90.90")
	_, body = v.get("/cart")
	v.wants(body, "There is nothing in it yet.")
	_, body = v.get("/account")
	v.wants(body, "/orders/K1001")
	bob := v.site.visitor(t)
	bob.login("bob")
	if resp, _ := bob.get("/orders/K1001"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("another account's order answers %d", resp.StatusCode)
	}
}

func TestAStrangerIsBroughtBackToTheCheckout(t *testing.T) {
	v := serve(t).visitor(t)
	v.fill("mug")
	resp, body := v.get("/checkout/address")
	v.ends(resp, "/login?next=%2Fcheckout%2Faddress")
	resp, body = v.post("/login", "name", "ann", "password", password, "next", hidden(body, "next"))
	v.ends(resp, "/checkout/address")
	v.wants(body, "<b>1</b>") // the guest's cart
}

func TestAStepIsAskedAgainWhenItsAnswerHasExpired(t *testing.T) {
	for _, c := range []struct {
		step string
		want string
	}{
		{"/checkout/delivery", "/checkout/address"},
		{"/checkout/review", "/checkout/address"},
	} {
		v := shopper(t)
		v.post("/checkout/address", home...)
		v.post("/checkout/delivery", "delivery", "post")
		v.site.wait(29 * time.Minute)
		resp, _ := v.get(c.step)
		v.ends(resp, c.step)
		v.site.wait(2 * time.Minute)
		resp, body := v.get(c.step)
		v.ends(resp, c.want)
		v.wants(body, "Please answer this step first", `value="Ann"`) // the account's name, and nothing of the address
		if strings.Contains(body, "Hofweg") {
			t.Error("an address is shown that has expired")
		}
	}
}

func TestTheLaterStepOutlivesTheEarlierOne(t *testing.T) {
	v := shopper(t)
	v.post("/checkout/address", home...)
	v.site.wait(20 * time.Minute)
	v.post("/checkout/delivery", "delivery", "post")
	v.site.wait(11 * time.Minute)
	resp, _ := v.get("/checkout/review")
	v.ends(resp, "/checkout/address")
	resp, _ = v.post("/checkout/address", home...)
	v.ends(resp, "/checkout/delivery")
	resp, _ = v.get("/checkout/review") // the delivery is eleven minutes old
	v.ends(resp, "/checkout/review")
}

func TestAWrongAnswerIsSaidAtItsField(t *testing.T) {
	v := shopper(t)
	resp, body := v.post("/checkout/address", "name", "Ann", "street", " ", "postcode", "1", "city", strings.Repeat("x", 81))
	if resp.StatusCode != http.StatusUnprocessableEntity || strings.Count(body, "aria-invalid") != 2 {
		t.Errorf("status %d:\n%s", resp.StatusCode, body)
	}
	v.wants(body, `id="street-wrong"`, `id="city-wrong"`, `value="Ann"`)
	resp, _ = v.get("/checkout/delivery")
	v.ends(resp, "/checkout/address")
}

func TestAnAddressIsAsItLooks(t *testing.T) {
	v := shopper(t)
	for _, city := range []string{"Ham\x00burg", "Ham\u202eburg", "Ham\x1b[2Jburg"} {
		resp, _ := v.post("/checkout/address", "name", "Ann", "street", "Hofweg 1", "postcode", "20535", "city", city)
		if resp.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%q is taken: %d", city, resp.StatusCode)
		}
	}
}

func TestADoubleClickOrdersOnce(t *testing.T) {
	v := shopper(t)
	v.post("/checkout/address", home...)
	_, body := v.post("/checkout/delivery", "delivery", "pickup")
	v.atOnce(8, func(int) string { return "/checkout/place" }, "total", hidden(body, "total"))
	_, body = v.get("/account")
	if n := strings.Count(body, `href="/orders/`); n != 1 {
		t.Errorf("eight clicks have made %d orders:\n%s", n, body)
	}
}

func TestWhatChangedInAnotherTabIsNotOrderedUnseen(t *testing.T) {
	v := shopper(t)
	v.post("/checkout/address", home...)
	_, body := v.post("/checkout/delivery", "delivery", "pickup")
	seen := hidden(body, "total")
	v.fill("vase") // in another tab
	resp, body := v.post("/checkout/place", "total", seen)
	v.ends(resp, "/checkout/review")
	v.wants(body, "Your cart has changed meanwhile", "Bottle vase")
	resp, _ = v.post("/checkout/place", "total", hidden(body, "total"))
	v.ends(resp, "/orders/K1001")
}

func TestAnEmptyCartHasNoCheckout(t *testing.T) {
	v := serve(t).visitor(t)
	v.login("ann")
	resp, body := v.get("/checkout")
	v.ends(resp, "/cart")
	v.wants(body, "there is nothing to check out")
}
