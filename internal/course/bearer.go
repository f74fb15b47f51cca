package course

import (
	"net/http"
	"testing"
)

// An app keeps its session's token, and is a visitor whose cookies belong to another session.
type app struct {
	*visitor
	token string
}

// send sends a request with the app's token, and keeps the one that comes back. sent says what is to come: nothing, a
// new token, or an empty one.
func (a *app) send(method, path, sent string) reply {
	a.s.t.Helper()
	r := a.request(method, path, nil)
	r.Header.Set("Authorization", "Bearer "+a.token)
	resp := a.do(r).setsCookie(false).varies("Authorization")
	got, ok := resp.Response.Header["Session-Token"]
	what := "nothing"
	if ok {
		if what = "a new token"; got[0] == "" {
			what = "an empty one"
		}
		if len(got) != 1 || got[0] == a.token || resp.Response.Header.Get("Cache-Control") != "no-store" {
			a.s.t.Errorf("%s %s: %v", method, path, resp.Response.Header)
		}
		a.token = got[0]
	}
	if what != sent {
		a.s.t.Errorf("%s %s sends %s, want %s", method, path, what, sent)
	}
	return resp
}

func appWithAToken(t *testing.T, c *course) {
	s := c.site(t)
	browser := s.known()
	a := &app{visitor: browser}
	a.send("POST", "/count", "a new token").wants(http.StatusOK, "counted")
	first := a.token
	a.send("POST", "/login?name=Bob", "a new token").wants(http.StatusSeeOther, "")
	a.send("GET", "/account", "nothing").wants(http.StatusOK, "Bob;1")
	a.send("POST", "/count", "nothing").wants(http.StatusOK, "counted")
	a.send("POST", "/fail", "nothing").isPage(http.StatusTeapot)
	a.send("GET", "/", "nothing").wants(http.StatusOK, "Bob;2")
	(&app{visitor: browser, token: first}).send("GET", "/", "nothing").wants(http.StatusOK, ";0")
	last := a.token
	a.send("POST", "/logout", "an empty one").wants(http.StatusSeeOther, "")
	(&app{visitor: browser, token: last}).send("GET", "/", "nothing").wants(http.StatusOK, ";0")
	browser.get("/").wants(http.StatusOK, "Ann;1")
}
