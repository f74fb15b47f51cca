package course

import (
	"bufio"
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

func streamBegins(t *testing.T, c *course) {
	s := c.site(t)
	v := s.visitor()
	v.stream()
	if v.cookie() == "" {
		t.Error("no cookie has come")
	}
}

func streamEnds(t *testing.T, c *course) {
	v := c.site(t).known()
	v.stream()
	v.get("/").wants(http.StatusOK, "Ann;12")
}

// stream reads a stream of events to its end. The server sends an event when the one before it has come.
func (v *visitor) stream() {
	s, t := v.s, v.s.t
	t.Helper()
	resp, err := v.client.Do(v.request("GET", "/events", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		t.Fatalf("%v", resp)
	}
	lines := bufio.NewScanner(resp.Body)
	events := 0
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "data: ") {
			events++
			s.seen <- struct{}{}
		}
	}
	if err := lines.Err(); err != nil || events != 3 {
		t.Errorf("%d events, %v", events, err)
	}
}

func gzipOutside(t *testing.T, c *course) { compressed(t, c.site(t, outside(Compressor))) }
func gzipInside(t *testing.T, c *course)  { compressed(t, c.site(t, inside(Compressor))) }

func compressed(t *testing.T, s *site) {
	get := func(v *visitor) reply {
		r := v.request("GET", "/long", nil)
		r.Header.Set("Accept-Encoding", "gzip")
		return v.do(r)
	}
	v := s.visitor()
	r := get(v).wants(http.StatusOK, long).setsCookie(true).varies("Cookie").varies("Accept-Encoding")
	if how := r.Response.Header.Get("Content-Encoding"); how != "gzip" {
		t.Errorf("the page comes as %q", how)
	}
	v.get("/").wants(http.StatusOK, ";1")
	s.store.ReadOnly.Store(true)
	get(v).isPage(http.StatusServiceUnavailable).setsCookie(false)
	s.store.ReadOnly.Store(false)
	v.get("/").wants(http.StatusOK, ";1")
}

// The handler writes its text, as those do that a framework takes for GET too. A client passes over a body that there
// should not be, so that the answer is read from the connection.
func headCarriesTheCookie(t *testing.T, c *course) {
	s := c.site(t)
	v := s.visitor()
	v.do(v.request("HEAD", "/count", nil)).wants(http.StatusOK, "").setsCookie(true)
	v.get("/").wants(http.StatusOK, ";1")

	conn := s.connect()
	if _, err := io.WriteString(conn, "HEAD /count HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	header, body, _ := strings.Cut(string(all), "\r\n\r\n")
	if !strings.Contains(header, "\r\nSet-Cookie: "+cookieName) || body != "" {
		t.Errorf("%q, and a body: %q", header, body)
	}
}

func notModifiedIsSaved(t *testing.T, c *course) {
	v := c.site(t).visitor()
	for i, sets := range []bool{true, false} {
		r := v.request("GET", "/tagged", nil)
		r.Header.Set("If-None-Match", tag)
		v.do(r).wants(http.StatusNotModified, "").setsCookie(sets)
		v.get("/").wants(http.StatusOK, []string{";1", ";2"}[i])
	}
}

func uploadIsSaved(t *testing.T, c *course) {
	v := c.site(t).visitor()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	file, err := w.CreateFormFile("file", "picture")
	if err == nil {
		_, err = file.Write(bytes.Repeat([]byte("x"), 256<<10))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	r := v.request("POST", "/upload", &form)
	r.Header.Set("Content-Type", w.FormDataContentType())
	v.do(r).wants(http.StatusOK, "262144 bytes").setsCookie(true)
	v.get("/").wants(http.StatusOK, ";1")
}
