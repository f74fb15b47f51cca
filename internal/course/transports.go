package course

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

func (c *course) eachSocket(t *testing.T, f func(t *testing.T, name string, socket Socket)) {
	if len(c.f.Sockets) == 0 {
		t.Fatal("no library for websockets is given: say in Cannot why")
	}
	for _, name := range slices.Sorted(maps.Keys(c.f.Sockets)) {
		t.Run(name, func(t *testing.T) { f(t, name, c.f.Sockets[name]) })
	}
}

// await returns the value that a handler sends. Where the answer was not the one that was wanted, the handler may not
// have run, and the test ends.
func await[T any](s *site, told <-chan T) (v T) {
	s.t.Helper()
	if s.t.Failed() {
		s.t.FailNow()
	}
	select {
	case v = <-told:
	case <-time.After(limit):
		s.t.Fatal("the handler has not run")
	}
	return v
}

func websocketAccepted(t *testing.T, c *course) {
	c.eachSocket(t, func(t *testing.T, name string, _ Socket) {
		s := c.site(t)
		v := s.known()
		v.dial(sockets+name+"/account").wants(http.StatusSwitchingProtocols, "hi").setsCookie(false)
		if err := await(s, s.accepted); err != nil {
			t.Error(err)
		}
		v.get("/").wants(http.StatusOK, "Ann;2")
	})
}

func websocketRefused(t *testing.T, c *course) {
	c.eachSocket(t, func(t *testing.T, name string, _ Socket) {
		r := c.site(t).visitor().dial(sockets+name+"/account").wants(http.StatusSeeOther, "").setsCookie(false)
		if to := r.Response.Header.Get("Location"); to != "/login" {
			t.Errorf("it leads to %q", to)
		}
	})
}

// A session that the store does not have yet needs a cookie, which only a response that is written as one can carry.
func websocketOfANewSession(t *testing.T, c *course) {
	c.eachSocket(t, func(t *testing.T, name string, socket Socket) {
		s := c.site(t)
		v := s.visitor()
		r := v.dial(sockets + name)
		if socket.Header {
			r.wants(http.StatusSwitchingProtocols, "hi").setsCookie(true)
			v.carry(r.Cookies()[0].Value).get("/").wants(http.StatusOK, ";1")
			return
		}
		r.wants(http.StatusInternalServerError, "").setsCookie(false)
		if err := await(s, s.accepted); err == nil {
			t.Error("a session without a cookie is accepted")
		}
	})
}

func websocketInAnOutage(t *testing.T, c *course) {
	c.eachSocket(t, func(t *testing.T, name string, _ Socket) {
		s := c.site(t)
		v := s.known()
		cookie := v.cookie()
		s.store.ReadOnly.Store(true)
		if r := v.dial(sockets + name).setsCookie(false); r.StatusCode < http.StatusInternalServerError {
			t.Errorf("it is answered with %d", r.StatusCode)
		}
		if err := await(s, s.accepted); err == nil {
			t.Error("it is accepted")
		}
		s.store.ReadOnly.Store(false)
		v.keeps(cookie, "Ann;1")
	})
}

func timeoutHandler(t *testing.T, c *course) {
	s := c.site(t)
	v, stranger := s.known(), s.visitor()
	cookie := v.cookie()
	for _, v := range []*visitor{v, stranger} {
		v.get("/slow").wants(http.StatusServiceUnavailable, "too slow").setsCookie(false)
		await(s, s.late)
	}
	v.keeps(cookie, "Ann;1")
	stranger.keeps("", ";0")
}

func reverseProxy(t *testing.T, c *course) {
	s := c.site(t)
	v := s.visitor()
	r := v.get("/proxy").wants(http.StatusOK, "from behind").setsCookie(true)
	if !slices.Contains(r.Response.Header["Set-Cookie"], "backend=1") {
		t.Errorf("the cookie of the server behind is lost: %q", r.Response.Header["Set-Cookie"])
	}
	v.get("/").wants(http.StatusOK, ";1")
	s.store.ReadOnly.Store(true)
	v.get("/proxy").isPage(http.StatusServiceUnavailable).setsCookie(false)
	s.store.ReadOnly.Store(false)
	v.get("/").wants(http.StatusOK, ";1")
}

func http2(t *testing.T, c *course) {
	s := c.newSite(t)
	server, ok := c.f.New(&s.Site).(*http.Server)
	if !ok {
		t.Fatal("it is no server of net/http: say in Cannot why it has no HTTP/2")
	}
	tls := httptest.NewUnstartedServer(server.Handler)
	tls.EnableHTTP2 = true
	tls.StartTLS()
	t.Cleanup(tls.Close)
	s.url = tls.URL
	v := s.visitorBy(tls.Client().Transport)
	v.post("/login?name=Ann").wants(http.StatusSeeOther, "").setsCookie(true)
	parallel(16, func() string { return v.post("/count").wants(http.StatusOK, "counted").body })
	if r := v.get("/account").wants(http.StatusOK, "Ann;16"); r.ProtoMajor != 2 {
		t.Errorf("it went by %s", r.Proto)
	}
	v.stream()
	v.get("/").wants(http.StatusOK, "Ann;27")
	s.store.Down.Store(true)
	v.get("/").isPage(http.StatusServiceUnavailable).setsCookie(false)
}
