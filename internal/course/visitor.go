package course

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

const cookieName = "session"

// A visitor is a browser: it keeps cookies, and follows no redirect by itself, so that a test sees each.
type visitor struct {
	s      *site
	client *http.Client
}

func (s *site) visitor() *visitor {
	transport := &http.Transport{DisableCompression: true}
	s.t.Cleanup(transport.CloseIdleConnections)
	return s.visitorBy(transport)
}

func (s *site) visitorBy(transport http.RoundTripper) *visitor {
	if s.f.Client != nil {
		transport = s.f.Client(transport)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &visitor{s, &http.Client{
		Jar: jar, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// known is a visitor who has logged in as Ann, and whose session has one visit.
func (s *site) known() *visitor {
	s.t.Helper()
	v := s.visitor()
	v.post("/count").wants(http.StatusOK, "counted")
	v.post("/login?name=Ann").wants(http.StatusSeeOther, "")
	v.get("/").wants(http.StatusOK, "Ann;1")
	return v
}

// A reply is a response that has been read.
type reply struct {
	s *site
	*http.Response
	body string
}

func (v *visitor) get(path string) reply  { v.s.t.Helper(); return v.do(v.request("GET", path, nil)) }
func (v *visitor) post(path string) reply { v.s.t.Helper(); return v.do(v.request("POST", path, nil)) }

func (v *visitor) request(method, path string, body io.Reader) *http.Request {
	v.s.t.Helper()
	ctx, cancel := context.WithTimeout(v.s.t.Context(), limit)
	v.s.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, method, v.s.url+path, body)
	if err != nil {
		v.s.t.Fatal(err)
	}
	return r
}

func (v *visitor) do(r *http.Request) reply {
	v.s.t.Helper()
	resp, err := v.client.Do(r)
	if err != nil {
		v.s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var body io.Reader = resp.Body
	if resp.Header.Get("Content-Encoding") == "gzip" && r.Method != http.MethodHead {
		if body, err = gzip.NewReader(body); err != nil {
			v.s.t.Fatalf("%s %s says that it is gzip: %v", r.Method, r.URL.Path, err)
		}
	}
	text, err := io.ReadAll(body)
	if err != nil {
		v.s.t.Fatal(err)
	}
	return reply{v.s, resp, string(text)}
}

// cookie returns the visitor's cookie, or nothing.
func (v *visitor) cookie() string {
	u, _ := url.Parse(v.s.url)
	for _, c := range v.client.Jar.Cookies(u) {
		if c.Name == cookieName {
			return c.Value
		}
	}
	return ""
}

// carry gives the visitor a cookie.
func (v *visitor) carry(value string) *visitor {
	u, _ := url.Parse(v.s.url)
	v.client.Jar.SetCookies(u, []*http.Cookie{{Name: cookieName, Value: value, Path: "/"}})
	return v
}

// wants checks status and, if it is not empty, body.
func (r reply) wants(status int, body string) reply {
	r.s.t.Helper()
	if r.StatusCode != status || body != "" && r.body != body {
		r.s.t.Errorf("%s %s: %d %.200q, want %d %.200q",
			r.Request.Method, r.Request.URL.Path, r.StatusCode, r.body, status, body)
	}
	return r
}

// setsCookie checks whether the session's cookie is set, and that it is not kept by caches.
func (r reply) setsCookie(want bool) reply {
	r.s.t.Helper()
	var lines []string
	for _, line := range r.Response.Header["Set-Cookie"] {
		if strings.HasPrefix(line, cookieName+"=") {
			lines = append(lines, line)
		}
	}
	if want != (len(lines) == 1) || len(lines) > 1 {
		r.s.t.Errorf("%s %s sets %d cookies of the session", r.Request.Method, r.Request.URL.Path, len(lines))
	}
	if want && r.Response.Header.Get("Cache-Control") != "no-store" {
		r.s.t.Errorf("%s %s may be cached: %q", r.Request.Method, r.Request.URL.Path,
			r.Response.Header.Get("Cache-Control"))
	}
	return r
}

// varies checks that caches are told which header the response depends on. None keeps the answer to a POST, as RPC's
// are.
func (r reply) varies(on string) reply {
	r.s.t.Helper()
	if r.Request.Method == http.MethodPost {
		return r
	}
	if vary := strings.Join(r.Response.Header["Vary"], ","); !strings.Contains(vary, on) {
		r.s.t.Errorf("%s %s: Vary: %s, want %s", r.Request.Method, r.Request.URL.Path, vary, on)
	}
	return r
}

// hasNothingOfTheHandler checks that the header that a failing handler has set is not in the answer.
func (r reply) hasNothingOfTheHandler() {
	r.s.t.Helper()
	if h := r.Response.Header.Get("X-Handler"); h != "" {
		r.s.t.Errorf("%s %s has the handler's header %q", r.Request.Method, r.Request.URL.Path, h)
	}
}

// isRecovered checks that a recoverer has answered.
func (r reply) isRecovered() reply {
	r.s.t.Helper()
	return r.isMadeBy(http.StatusInternalServerError, r.s.f.Recovered)
}

// isPage checks that the framework's own error handling has answered, with nothing of the handler's and nothing that is
// nobody's business.
func (r reply) isPage(status int) reply {
	r.s.t.Helper()
	return r.isMadeBy(status, r.s.f.Page)
}

func (r reply) isMadeBy(status int, page string) reply {
	r.s.t.Helper()
	r.wants(status, "")
	if !strings.Contains(r.body, page) || page == "" && r.body != "" {
		r.s.t.Errorf("%s %s: %q is not the framework's page %q", r.Request.Method, r.Request.URL.Path, r.body, page)
	}
	if strings.Contains(r.body, "counted") || strings.Contains(r.body, "10.0.0.1") {
		r.s.t.Errorf("%s %s: the page says %q", r.Request.Method, r.Request.URL.Path, r.body)
	}
	if length := r.Response.ContentLength; length >= 0 && r.Response.Header.Get("Content-Encoding") == "" &&
		int(length) != len(r.body) {
		r.s.t.Errorf("%s %s: Content-Length %d of %d bytes", r.Request.Method, r.Request.URL.Path, length, len(r.body))
	}
	return r
}
