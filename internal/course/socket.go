package course

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// connect returns a connection to the site, which the test closes.
func (s *site) connect() net.Conn {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(limit))
	return conn
}

// dial asks for a websocket (RFC 6455), sends one message and returns the answer with what came back as its body; or
// the answer alone, where the server refuses.
func (v *visitor) dial(path string) reply {
	s, t := v.s, v.s.t
	t.Helper()
	r := v.request("GET", path, nil)
	conn := s.connect()
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
	} {
		r.Header.Set(name, value)
	}
	if cookie := v.cookie(); cookie != "" {
		r.AddCookie(&http.Cookie{Name: cookieName, Value: cookie})
	}
	if err := r.Write(conn); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, r)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(resp.Body)
		return reply{s, resp, string(body)}
	}
	// A whole message of two bytes of text: a client's are masked, here with zeros, a server's are not (5.2, 5.3).
	if _, err := conn.Write([]byte{0x81, 0x80 | 2, 0, 0, 0, 0, 'h', 'i'}); err != nil {
		t.Fatal(err)
	}
	frame := make([]byte, 4)
	if _, err := io.ReadFull(in, frame); err != nil || frame[0] != 0x81 || frame[1] != 2 {
		t.Fatalf("%x, %v", frame, err)
	}
	return reply{s, resp, string(frame[2:])}
}
