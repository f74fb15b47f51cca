package session_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestASecureCookieOverPlainHTTPIsWarnedOfOnce(t *testing.T) {
	for _, c := range []struct {
		name, url string
		header    [2]string
		insecure  bool
		warned    bool
	}{
		{name: "plain http", url: "http://shop.example/", warned: true},
		{name: "with a port", url: "http://shop.example:8080/", warned: true},
		{name: "an address of the network", url: "http://192.168.1.7:8080/", warned: true},
		{name: "a name that only begins like this machine", url: "http://localhost.example/", warned: true},
		{name: "a proxy that says http", url: "http://shop.example/", header: [2]string{"X-Forwarded-Proto", "http"}, warned: true},
		{name: "https", url: "https://shop.example/"},
		{name: "this machine", url: "http://localhost:8080/"},
		{name: "a name of this machine", url: "http://shop.localhost/"},
		{name: "this machine by address", url: "http://127.0.0.1:8080/"},
		{name: "this machine by its other address", url: "http://[::1]:8080/"},
		{name: "a proxy that says https", url: "http://shop.example/", header: [2]string{"X-Forwarded-Proto", "HTTPS"}},
		{name: "a proxy after RFC 7239", url: "http://shop.example/", header: [2]string{"Forwarded", "for=192.0.2.1;proto=https"}},
		{name: "a proxy with a switch", url: "http://shop.example/", header: [2]string{"X-Forwarded-Ssl", "on"}},
		{name: "a proxy of Microsoft's", url: "http://shop.example/", header: [2]string{"Front-End-Https", "on"}},
		{name: "an insecure cookie", url: "http://shop.example/", insecure: true},
	} {
		s := newLab(t, func(cfg *session.Config) { cfg.Cookie.Insecure = c.insecure })
		for range 3 {
			r := httptest.NewRequest("GET", c.url, nil)
			if c.header[0] != "" {
				r.Header.Set(c.header[0], c.header[1])
			}
			x, err := s.sessions.Load(httptest.NewRecorder(), r)
			if err != nil {
				t.Fatal(err)
			}
			x.AddVisits(1)
			if err := x.Save(); err != nil {
				t.Fatal(err)
			}
		}
		want := 0
		if c.warned {
			want = 1
		}
		if n := strings.Count(s.logs.String(), "over plain http"); n != want {
			t.Errorf("%s: %d warnings, want %d: %s", c.name, n, want, s.logs)
		}
	}
}

func TestNothingIsWarnedOfBeforeACookieGoesOut(t *testing.T) {
	s := newLab(t)
	x, err := s.sessions.Load(httptest.NewRecorder(), httptest.NewRequest("GET", "http://shop.example/", nil))
	if err != nil || s.logs.String() != "" {
		t.Errorf("%v, logged: %s", err, s.logs)
	}
	var _ *fixture.Session = x
}
