package course

import (
	"net/http"
	"testing"
)

// keeps checks that the failures so far have taken nothing from a visitor, and added nothing.
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
	s.visitor().get("/").wants(http.StatusOK, ";0") // a visitor without a session needs no store
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
		r.hasNothingOfTheHandler()
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
	failing(c.site(t), "/fail", func(r reply) { r.isPage(http.StatusTeapot).hasNothingOfTheHandler() })
}

func panicRecoveredOutside(t *testing.T, c *course) {
	failing(c.site(t, outside(Recoverer)), "/panic", func(r reply) { r.isRecovered().hasNothingOfTheHandler() })
}

// A recoverer inside answers before the session knows of the panic, with the header that the handler has left.
func panicRecoveredInside(t *testing.T, c *course) {
	failing(c.site(t, inside(Recoverer)), "/panic", func(r reply) { r.isRecovered() })
}

// failing checks that a handler that fails has saved nothing, for each way to change the session before.
func failing(s *site, path string, answered func(reply)) {
	s.t.Helper()
	v, stranger := s.known(), s.visitor()
	cookie := v.cookie()
	for _, way := range []string{counts, renews} {
		for _, v := range []*visitor{v, stranger} {
			answered(v.post(path + "?way=" + way).setsCookie(false))
		}
		v.keeps(cookie, "Ann;1")
		stranger.keeps("", ";0")
	}
}

func errorAfterASave(t *testing.T, c *course) {
	failingLate(c.site(t), "/fail", func(r reply) { r.isPage(http.StatusTeapot).hasNothingOfTheHandler() })
}

func lateRecoveredOutside(t *testing.T, c *course) {
	failingLate(c.site(t, outside(Recoverer)), "/panic", func(r reply) { r.isRecovered().hasNothingOfTheHandler() })
}

func lateRecoveredInside(t *testing.T, c *course) {
	failingLate(c.site(t, inside(Recoverer)), "/panic", func(r reply) { r.isRecovered() })
}

// failingLate checks that a session stays saved or ended that a handler had saved or ended before it failed, and that
// the visitor gets the cookie.
func failingLate(s *site, path string, answered func(reply)) {
	s.t.Helper()
	v, stranger := s.known(), s.visitor()
	before := v.cookie()
	for v, visits := range map[*visitor]string{v: "1", stranger: "0"} {
		answered(v.post(path + "?way=" + saves).setsCookie(true))
		v.get("/").wants(http.StatusOK, "Eve;"+visits)
	}
	s.visitor().carry(before).get("/").wants(http.StatusOK, ";0")

	answered(v.post(path + "?way=" + logsOut).setsCookie(true))
	v.keeps("", ";0")
}
