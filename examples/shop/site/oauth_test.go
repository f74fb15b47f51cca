package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// atProvider begins a login and returns the form that the provider shows.
func (v *visitor) atProvider(next string) (action string, form []string) {
	v.t.Helper()
	resp, body := v.post("/oauth/start", "next", next)
	if resp.Request.URL.Path != "/authorize" || resp.StatusCode != http.StatusOK {
		v.t.Fatalf("the login leads to %s, status %d", resp.Request.URL, resp.StatusCode)
	}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		form = append(form, m[1], strings.NewReplacer("&#43;", "+", "&amp;", "&").Replace(m[2]))
	}
	return resp.Request.URL.Scheme + "://" + resp.Request.URL.Host + "/authorize", form
}

func TestALoginAtTheProviderBringsTheVisitorBack(t *testing.T) {
	v := serve(t).visitor(t)
	v.fill("planter")
	planted := v.cookie()
	action, form := v.atProvider("/checkout/address")
	resp, body := v.post(action, append(form, "person", "carol")...)
	v.ends(resp, "/checkout/address")
	v.wants(body, "You are logged in.", `value="Carol Chen"`, "<b>1</b>")
	if v.cookie() == planted {
		t.Error("the id from before the login is the id after it")
	}
}

func TestTheProvidersAnnIsNotTheShops(t *testing.T) {
	s := serve(t)
	v := s.visitor(t)
	v.login("ann")
	theirs := s.visitor(t)
	action, form := theirs.atProvider("/devices")
	_, body := theirs.post(action, append(form, "person", "ann")...)
	theirs.wants(body, "No other device is logged in.")
}

func TestWhoSaysNoAtTheProviderIsAskedAgain(t *testing.T) {
	v := serve(t).visitor(t)
	action, form := v.atProvider("/")
	resp, body := v.post(action, append(form, "person", "")...)
	v.ends(resp, "/login")
	v.wants(body, "You said no at Lantern ID.")
}

func TestAnAnswerThatWasNotAskedForIsRefused(t *testing.T) {
	s := serve(t)
	mallory, ann := s.visitor(t), s.visitor(t)
	mallory.client.CheckRedirect = func(req *http.Request, _ []*http.Request) error {
		if req.URL.Path == "/oauth/callback" {
			return http.ErrUseLastResponse
		}
		return nil
	}
	action, form := mallory.atProvider("/")
	resp, _ := mallory.post(action, append(form, "person", "carol")...)
	answer := resp.Header.Get("Location") // of Mallory's own login, to plant in Ann's browser
	ann.fill("mug")
	resp, body := ann.get(answer)
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a login that another browser has begun: %d", resp.StatusCode)
	}
	ann.wants(body, "This login has not begun in this browser", "Log in")

	ann.atProvider("/") // her own, with a state of its own
	if resp, _ = ann.get(answer); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a login with another's state: %d", resp.StatusCode)
	}
}

func TestAnAnswerAfterTenMinutesIsRefused(t *testing.T) {
	v := serve(t).visitor(t)
	action, form := v.atProvider("/")
	v.site.wait(11 * time.Minute)
	resp, body := v.post(action, append(form, "person", "carol")...)
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d", resp.StatusCode)
	}
	v.wants(body, "more than ten minutes ago")
}

func TestAnAnswerIsGoodOnce(t *testing.T) {
	for person, ends := range map[string]string{"carol": "/", "": "/login"} {
		v := serve(t).visitor(t)
		var answer string
		v.client.CheckRedirect = func(req *http.Request, _ []*http.Request) error {
			if req.URL.Path == "/oauth/callback" {
				answer = req.URL.String()
			}
			return nil
		}
		action, form := v.atProvider("/")
		resp, _ := v.post(action, append(form, "person", person)...)
		v.ends(resp, ends)
		if resp, _ := v.get(answer); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("the answer of %q for the second time: %d", person, resp.StatusCode)
		}
	}
}

func TestACodeThatTheProviderDoesNotKnowIsNoLogin(t *testing.T) {
	v := serve(t).visitor(t)
	_, form := v.atProvider("/")
	state := ""
	for i := 0; i < len(form); i += 2 {
		if form[i] == "state" {
			state = form[i+1]
		}
	}
	resp, body := v.get("/oauth/callback?" + url.Values{"state": {state}, "code": {"made-up"}}.Encode())
	v.ends(resp, "/login")
	v.wants(body, "Lantern ID could not tell us who you are.")
}

func TestANameOfTheProvidersIsCutToWhatTheSessionHolds(t *testing.T) {
	for given, want := range map[string]string{
		"Carol  Chen\n":               "Carol Chen",
		strings.Repeat("é", 41):       strings.Repeat("é", 40),
		"x" + strings.Repeat("é", 40): "x" + strings.Repeat("é", 39),
		"Ann\u202e nnA":               "Ann nnA",
		"\x00\u200b":                  "",
	} {
		if got := nameFrom(given); got != want {
			t.Errorf("of %q the shop takes %q, want %q", given, got, want)
		}
	}
}
