package concurrency

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"testing"
)

// A site is a handler behind real HTTP, served by several processes.
type site struct {
	urls []*url.URL
}

func newSite(t testing.TB, handler func(process int) http.Handler) *site {
	s := new(site)
	for i := range processes {
		server := httptest.NewServer(handler(i))
		t.Cleanup(server.Close)
		u, err := url.Parse(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		s.urls = append(s.urls, u)
	}
	return s
}

// A browser keeps cookies; ports do not tell them apart.
type browser struct {
	t      testing.TB
	site   *site
	client *http.Client
}

func (s *site) browser(t testing.TB) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 256}
	t.Cleanup(transport.CloseIdleConnections)
	return &browser{t, s, &http.Client{Jar: jar, Transport: transport}}
}

// cookie returns what the browser would send.
func (b *browser) cookie() *http.Cookie {
	b.t.Helper()
	cookies := b.client.Jar.Cookies(b.site.urls[0])
	if len(cookies) != 1 {
		b.t.Fatalf("the browser has %d cookies", len(cookies))
	}
	return cookies[0]
}

// get asks one of the processes, whose answer must be 200.
func (b *browser) get(process int, path string) *http.Response {
	b.t.Helper()
	resp, err := b.client.Get(b.site.urls[process%processes].String() + path)
	if err != nil {
		b.t.Error(err)
		return &http.Response{Header: http.Header{}}
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		b.t.Errorf("%s: %s", path, resp.Status)
	}
	return resp
}

// with sends a request with a cookie of the past, and no others.
func (b *browser) with(cookie *http.Cookie, process int, path string) *http.Response {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.site.urls[process%processes].String()+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	r.AddCookie(cookie)
	resp, err := b.client.Transport.RoundTrip(r)
	if err != nil {
		b.t.Error(err)
		return &http.Response{Header: http.Header{}}
	}
	_ = resp.Body.Close()
	return resp
}
