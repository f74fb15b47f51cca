package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// app is a client that keeps no cookies and has logged in.
func (s *site) app(t *testing.T, name string) *visitor {
	t.Helper()
	token := ""
	v := &visitor{t: t, site: s, client: &http.Client{}, bearer: &token}
	resp, body := v.call("POST", "/api/login", `{"name":"`+name+`","password":"`+password+`","device":"Pixel"}`)
	var out struct{ Token string }
	if err := json.Unmarshal([]byte(body), &out); err != nil || out.Token == "" || resp.StatusCode != http.StatusOK {
		t.Fatalf("login answers %d: %s", resp.StatusCode, body)
	}
	if out.Token != resp.Header.Get("Session-Token") || resp.Header.Get("Set-Cookie") != "" {
		t.Errorf("the token of the header is another one, or there is a cookie: %v", resp.Header)
	}
	token = out.Token
	return v
}

func (v *visitor) call(method, path, body string) (*http.Response, string) {
	v.t.Helper()
	return v.do(method, path, "application/json", body)
}

func TestAnAppFillsItsCartByToken(t *testing.T) {
	v := serve(t).app(t, "ann")
	_, body := v.call("GET", "/api/products", "")
	v.wants(body, `"id":"mug","name":"Morning mug","cents":1800`)
	_, body = v.call("PUT", "/api/cart/mug", `{"quantity":2}`)
	v.wants(body, `{"items":{"mug":2},"cents":3600}`)
	v.call("PUT", "/api/cart/bowl", `{"quantity":1}`)
	v.call("PUT", "/api/cart/mug", `{"quantity":0}`)
	_, body = v.call("GET", "/api/cart", "")
	v.wants(body, `{"items":{"bowl":1},"cents":2600}`)
	if resp, _ := v.call("POST", "/api/logout", ""); resp.StatusCode != http.StatusNoContent {
		t.Errorf("logout answers %d", resp.StatusCode)
	}
	if resp, _ := v.call("GET", "/api/cart", ""); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a token after its logout: %d", resp.StatusCode)
	}
}

func TestAnAppIsOneOfTheDevices(t *testing.T) {
	s := serve(t)
	app, desk := s.app(t, "ann"), s.visitor(t)
	desk.login("ann")
	_, body := desk.get("/devices")
	desk.wants(body, "Kiln app (Pixel)", "Kept logged in")
	desk.post("/devices/end", "device", hidden(body, "device"))
	if resp, _ := app.call("GET", "/api/cart", ""); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("an app that was logged out: %d", resp.StatusCode)
	}
}

// With U+202E what follows reads from right to left.
func TestADeviceCannotNameItselfAsAnother(t *testing.T) {
	s := serve(t)
	app, desk := s.app(t, "ann"), s.visitor(t)
	app.call("POST", "/api/login", `{"name":"ann","password":"`+password+`","device":"\u202eecived siht"}`)
	desk.login("ann")
	if _, body := desk.get("/devices"); strings.Contains(body, "\u202e") || !strings.Contains(body, "<strong>Kiln app</strong>") {
		t.Errorf("a device turns its name around:\n%s", gist(body))
	}
}

func TestTheAPITakesNoCookies(t *testing.T) {
	v := serve(t).visitor(t)
	v.login("ann")
	for _, path := range []string{"/api/cart", "/api/cart/mug", "/api/login", "/api/logout"} {
		method := map[string]string{"/api/cart": "GET", "/api/cart/mug": "PUT"}[path]
		if method == "" {
			method = "POST"
		}
		resp, _ := v.call(method, path, `{}`)
		if resp.StatusCode != http.StatusUnauthorized || resp.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s %s with a cookie: %d", method, path, resp.StatusCode)
		}
	}
}

// Of two headers none counts, so that the session would be that of the cookie.
func TestTwoTokensDoNotBringTheCookieIn(t *testing.T) {
	v := serve(t).visitor(t)
	v.login("ann")
	r, err := http.NewRequest("GET", v.site.URL+"/api/cart", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header["Authorization"] = []string{"Bearer one", "Bearer two"}
	resp, err := v.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a cookie with two tokens: %d", resp.StatusCode)
	}
}

func TestWhatAnAppGetsWrongIsSaidAsJSON(t *testing.T) {
	s := serve(t)
	v := s.app(t, "bob")
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{"PUT", "/api/cart/mug", `{"quantity":10}`, http.StatusUnprocessableEntity},
		{"PUT", "/api/cart/rocket", `{"quantity":1}`, http.StatusUnprocessableEntity},
		{"PUT", "/api/cart/mug", `{`, http.StatusBadRequest},
		{"PUT", "/api/cart/mug", `"` + strings.Repeat("x", 1<<15) + `"`, http.StatusBadRequest},
		{"GET", "/api/nothing", "", http.StatusNotFound},
		{"POST", "/api/login", `{"name":"ann","password":"wrong"}`, http.StatusForbidden},
	} {
		resp, body := v.call(c.method, c.path, c.body)
		if resp.StatusCode != c.want || resp.Header.Get("Content-Type") != "application/json" || !strings.Contains(body, `"error"`) {
			t.Errorf("%s %s: %d %s", c.method, c.path, resp.StatusCode, body)
		}
	}
	s.store.down.Store(true)
	if resp, body := v.call("GET", "/api/cart", ""); resp.StatusCode != http.StatusServiceUnavailable || !json.Valid([]byte(body)) {
		t.Errorf("without a store: %d %s", resp.StatusCode, body)
	}
}
