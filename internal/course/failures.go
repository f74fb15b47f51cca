package course

import (
	"net/http"
	"testing"
)

// keeps checks that nothing of a visitor's has been lost or added by what has failed.
func (v *visitor) keeps(cookie, page string) {
	v.s.t.Helper()
	if v.cookie() != cookie {
		v.s.t.Errorf("the cookie was %q and is %q", cookie, v.cookie())
	}
	v.get("/").wants(http.StatusOK, page)
}

func storeDown(t *testing.T, c *course) {
	s := c.site(t)
	v := s.known()
	cookie := v.cookie()
	s.store.Down.Store(true)
	v.get("/").isPage(http.StatusServiceUnavailable).setsCookie(false)
	v.post("/count").isPage(http.StatusServiceUnavailable).setsCookie(false)
	s.visitor().get("/").wants(http.StatusOK, ";0") // who has no session needs no store
	s.store.Down.Store(false)
	v.keeps(cookie, "Ann;1")
}

func saveFails(t *testing.T, c *course) {
	s := c.site(t)
	v, stranger := s.known(), s.visitor()
	cookie := v.cookie()
	s.store.ReadOnly.Store(true)
	for _, v := range []*visitor{v, stranger} {
		r := v.post("/count").isPage(http.StatusServiceUnavailable).setsCookie(false)
		if h := r.Response.Header.Get("X-Handler"); h != "" {
			t.Errorf("the page has the handler's header %q", h)
		}
		r = v.post("/login?name=Eve").isPage(http.StatusServiceUnavailable).setsCookie(false)
		if to := r.Response.Header.Get("Location"); to != "" {
			t.Errorf("the page leads to %q", to)
		}
	}
	s.store.ReadOnly.Store(false)
	v.keeps(cookie, "Ann;1")
	stranger.keeps("", ";0")
}

func guardInAnOutage(t *testing.T, c *course) {
	s := c.site(t)
	v := s.known()
	cookie := v.cookie()
	s.store.Down.Store(true)
	r := v.get("/account").isPage(http.StatusServiceUnavailable).setsCookie(false)
	if to := r.Response.Header.Get("Location"); to != "" {
		t.Errorf("an outage leads to %q", to)
	}
	s.store.Down.Store(false)
	v.keeps(cookie, "Ann;1")
}

func frameworksError(t *testing.T, c *course) {
	s := c.site(t)
	v, stranger := s.known(), s.visitor()
	cookie := v.cookie()
	for _, v := range []*visitor{v, stranger} {
		r := v.post("/fail").isPage(http.StatusTeapot).setsCookie(false)
		if h := r.Response.Header.Get("X-Handler"); h != "" {
			t.Errorf("the page has the handler's header %q", h)
		}
	}
	v.keeps(cookie, "Ann;1")
	stranger.keeps("", ";0")
}

func panicRecoveredOutside(t *testing.T, c *course) { panics(t, c.site(t, outside(Recoverer))) }
func panicRecoveredInside(t *testing.T, c *course)  { panics(t, c.site(t, inside(Recoverer))) }

func panics(t *testing.T, s *site) {
	v, stranger := s.known(), s.visitor()
	cookie := v.cookie()
	for _, v := range []*visitor{v, stranger} {
		v.post("/panic").wants(http.StatusInternalServerError, "").setsCookie(false)
	}
	v.keeps(cookie, "Ann;1")
	stranger.keeps("", ";0")
}
