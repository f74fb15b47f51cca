package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestTabsThatAddAtOnceFillOneCart(t *testing.T) {
	v := serve(t).visitor(t)
	v.fill("mug") // the session is there
	v.atOnce(len(catalogue)-1, func(i int) string { return "/cart/" + catalogue[i+1].ID + "/add" })
	_, body := v.get("/cart")
	for _, p := range catalogue {
		v.wants(body, `href="/products/`+p.ID+`"`)
	}
	v.wants(body, "<b>8</b>")
}

func TestACartChangesByOneAndByRemoval(t *testing.T) {
	v := serve(t).visitor(t)
	v.fill("mug", "mug", "bowl")
	_, body := v.get("/cart")
	v.wants(body, "€36.00", "€62.00", "<b>3</b>")
	_, body = v.post("/cart/mug", "quantity", "5")
	v.wants(body, "€90.00", "<output>5</output>")
	_, body = v.post("/cart/mug", "quantity", "0")
	v.wants(body, "Morning mug: taken out.", "<b>1</b>")
	_, body = v.post("/cart/bowl", "quantity", "0")
	v.wants(body, "There is nothing in it yet.")
}

func TestWhatACartDoesNotTakeIsRefused(t *testing.T) {
	v := serve(t).visitor(t)
	for path, quantity := range map[string]string{"/cart/mug": "10", "/cart/bowl": "-1", "/cart/jug": "many", "/cart/rocket": "1"} {
		if resp, body := v.post(path, "quantity", quantity); resp.StatusCode != http.StatusBadRequest || !strings.Contains(body, "Nothing has changed") {
			t.Errorf("%s of %s answers %d", quantity, path, resp.StatusCode)
		}
	}
	if resp, _ := v.post("/cart/rocket/add"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("a product that is not there answers %d", resp.StatusCode)
	}
	if v.cookie() != "" {
		t.Error("what was refused has made a session")
	}
	v.post("/cart/mug", "quantity", "9")
	_, body := v.post("/cart/mug/add")
	v.wants(body, "nine are as many")
}

func TestAddingLeadsBackToThePageAndNowhereElse(t *testing.T) {
	v := serve(t).visitor(t)
	for back, want := range map[string]string{"/products/mug": "/products/mug", "//evil.example/": "/", "": "/"} {
		resp, _ := v.post("/cart/mug/add", "back", back)
		v.ends(resp, want)
	}
}
