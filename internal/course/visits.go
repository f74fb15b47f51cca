package course

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

func anonymousRead(t *testing.T, c *course) {
	s := c.site(t)
	s.visitor().get("/").wants(http.StatusOK, ";0").setsCookie(false).varies("Cookie")
	if n := s.store.Calls.Load(); n != 0 {
		t.Errorf("it cost %d calls of the store", n)
	}
}

func loginGivesANewID(t *testing.T, c *course) {
	s := c.site(t)
	v := s.visitor()
	v.post("/count").wants(http.StatusOK, "counted").setsCookie(true)
	before := v.cookie()
	v.post("/login?name=Ann").wants(http.StatusSeeOther, "").setsCookie(true)
	if v.cookie() == before || v.cookie() == "" {
		t.Error("the cookie is the old one")
	}
	v.get("/").wants(http.StatusOK, "Ann;1").setsCookie(false)
	s.visitor().carry(before).get("/").wants(http.StatusOK, ";0").setsCookie(false)
}

func redirectCarriesTheCookie(t *testing.T, c *course) {
	s := c.site(t)
	v := s.visitor()
	r := v.post("/login?name=Ann").wants(http.StatusSeeOther, "").setsCookie(true)
	if to := r.Response.Header.Get("Location"); to != "/" {
		t.Errorf("it leads to %q", to)
	}
	v.get("/").wants(http.StatusOK, "Ann;0")
}

func flashIsShownOnce(t *testing.T, c *course) {
	s := c.site(t)
	v := s.visitor()
	v.post("/notice?text=hi").wants(http.StatusNoContent, "").setsCookie(true)
	shown := parallel(8, func() string { return v.get("/notice").wants(http.StatusOK, "").body })
	slices.Sort(shown)
	if shown[6] != " false" || shown[7] != "hi true" {
		t.Errorf("%q", shown)
	}
}

func parallelRequestsAllCount(t *testing.T, c *course) {
	v := c.site(t).known()
	parallel(16, func() string { return v.post("/count").wants(http.StatusOK, "counted").setsCookie(false).body })
	v.get("/").wants(http.StatusOK, "Ann;17")
}

// parallel returns the results of n calls at once.
func parallel(n int, f func() string) []string {
	results := make([]string, n)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { results[i] = f() })
	}
	all.Wait()
	return results
}

func guardLetsIn(t *testing.T, c *course) {
	v := c.site(t).visitor()
	turnedAway := func() {
		t.Helper()
		r := v.get("/account").wants(http.StatusSeeOther, "").varies("Cookie")
		if to := r.Response.Header.Get("Location"); to != "/login" || strings.Contains(r.body, ";") {
			t.Errorf("it leads to %q and says %q", to, r.body)
		}
	}
	turnedAway()
	v.post("/login?name=Ann").wants(http.StatusSeeOther, "")
	v.get("/account").wants(http.StatusOK, "Ann;0")
	v.post("/logout").wants(http.StatusSeeOther, "")
	turnedAway()
}

func logoutEndsTheSession(t *testing.T, c *course) {
	s := c.site(t)
	v := s.known()
	cookie := v.cookie()
	v.post("/logout").wants(http.StatusSeeOther, "").setsCookie(true)
	if v.cookie() != "" {
		t.Error("the browser still has a cookie")
	}
	v.get("/").wants(http.StatusOK, ";0")
	s.visitor().carry(cookie).get("/").wants(http.StatusOK, ";0").setsCookie(false)
}

func forgedCookie(t *testing.T, c *course) {
	s := c.site(t)
	cookie := s.known().cookie()
	if t.Failed() {
		t.FailNow() // there is none to forge
	}
	middle := "A"
	if cookie[40:41] == middle {
		middle = "B"
	}
	before := s.store.Calls.Load()
	for _, forged := range []string{"x", cookie[:len(cookie)-1], cookie[:40] + middle + cookie[41:]} {
		s.visitor().carry(forged).get("/").wants(http.StatusOK, ";0").setsCookie(false)
	}
	if n := s.store.Calls.Load() - before; n != 0 {
		t.Errorf("they cost %d calls of the store", n)
	}
}
