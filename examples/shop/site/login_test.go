package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestALoginRenewsTheIDAndKeepsTheCart(t *testing.T) {
	v := serve(t).visitor(t)
	v.fill("jug")
	planted := v.cookie()
	v.login("ann")
	if v.cookie() == planted {
		t.Error("the id from before the login is the id after it")
	}
	_, body := v.get("/cart")
	v.wants(body, "Water jug")
}

func TestALogoutLeavesThePrefsAndNothingElse(t *testing.T) {
	v := serve(t).visitor(t)
	v.post("/prefs", "theme", "dark")
	v.fill("jug")
	v.login("ann")
	_, body := v.post("/logout")
	v.wants(body, "You are logged out.", `data-theme="dark"`, "Log in")
	_, body = v.get("/cart")
	v.wants(body, "There is nothing in it yet.", `data-theme="dark"`)
	resp, _ := v.get("/account")
	v.ends(resp, "/login?next=%2Faccount")
}

func TestAWrongPasswordIsNoLogin(t *testing.T) {
	v := serve(t).visitor(t)
	for _, name := range []string{"ann", "nobody", ""} {
		resp, body := v.post("/login", "name", name, "password", "wrong", "keep", "yes")
		if resp.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%q with a wrong password: %d", name, resp.StatusCode)
		}
		v.wants(body, "There is no such name with such a password.", " checked")
	}
	resp, _ := v.get("/account")
	v.ends(resp, "/login?next=%2Faccount")
}

func TestParallelGuessesAllCount(t *testing.T) {
	s := serve(t)
	v := s.visitor(t)
	v.fill("mug") // the session is there
	heard := v.atOnce(2*maxTries, func(int) string { return "/login" }, "name", "nobody", "password", "wrong")
	if heard[http.StatusUnprocessableEntity] != maxTries || heard[http.StatusTooManyRequests] != maxTries {
		t.Errorf("of %d guesses, by status: %v", 2*maxTries, heard)
	}
	if resp, _ := v.post("/login", "name", "ann", "password", password); resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the right password after too many tries: %d", resp.StatusCode)
	}
	s.wait(16 * time.Minute)
	v.login("ann")
}

func TestAnAccountRestsWhoeverGuesses(t *testing.T) {
	s := serve(t)
	for range maxWrong {
		s.visitor(t).post("/login", "name", "bob", "password", "wrong") // drops the cookie each time
	}
	v := s.visitor(t)
	if resp, _ := v.post("/login", "name", "bob", "password", password); resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("after %d guesses from elsewhere: %d", maxWrong, resp.StatusCode)
	}
	v.login("ann") // another account does not rest
	s.wait(wrongReset + time.Minute)
	s.visitor(t).login("bob")
}

func TestWhoAsksToBeKeptLoggedInOutlivesTheBrowser(t *testing.T) {
	for keep, persistent := range map[string]bool{"yes": true, "": false} {
		v := serve(t).visitor(t)
		v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		resp, _ := v.post("/login", "name", "ann", "password", password, "keep", keep)
		if c := resp.Cookies(); len(c) != 1 || (c[0].MaxAge > 0) != persistent {
			t.Errorf("keep=%q: %v", keep, c)
		}
		v.site.wait(13 * time.Hour) // longer than the rule's Lifetime
		if _, body := v.get("/account"); strings.Contains(body, "Hello, Ann.") != persistent {
			t.Errorf("keep=%q, thirteen hours later:\n%s", keep, body)
		}
	}
}
