package session_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// serveHTTP is a real server whose handler has looked at the session.
func (s *lab) serveHTTP(t *testing.T, f handle) *httptest.Server {
	server := httptest.NewServer(s.sessions.Middleware(s.handler(f)))
	t.Cleanup(server.Close)
	return server
}

// send sends a guest's request over the network.
func (g *guest) send(t *testing.T, method, url string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = g.request().Header
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	g.keep(resp)
	return resp
}

func TestAnInformationalResponseIsNotTheFirstByte(t *testing.T) {
	s := newLab(t)
	server := s.serveHTTP(t, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusProcessing)
		if n := s.store.size(); n != 0 {
			t.Errorf("%d records were written before the response", n)
		}
		x.AddVisits(1)
		w.WriteHeader(http.StatusOK)
	})
	var hints []int
	trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		if len(h["Set-Cookie"]) > 0 {
			t.Errorf("%d sets the cookie", code)
		}
		hints = append(hints, code)
		return nil
	}}
	r, _ := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), "GET", server.URL, nil)
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	g := new(guest)
	g.keep(resp)
	if !slices.Equal(hints, []int{103, 102}) || s.fields(g).Visits != 1 {
		t.Errorf("informational: %v; response: %v", hints, resp.Header)
	}
}

func TestAServerErrorAfterAnInformationalResponseIsNotSaved(t *testing.T) {
	s := newLab(t)
	g := new(guest)
	resp := g.send(t, "GET", s.serveHTTP(t, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		x.AddVisits(1)
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusInternalServerError)
	}).URL)
	if resp.StatusCode != 500 || setsCookie(resp.Header) || s.store.size() != 0 {
		t.Errorf("%s %v, %d records", resp.Status, resp.Header, s.store.size())
	}
}

func TestAHeadRequestIsSavedToo(t *testing.T) {
	s := newLab(t)
	g := new(guest)
	g.send(t, "HEAD", s.serveHTTP(t, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		x.AddVisits(1)
		_, _ = io.WriteString(w, "no body")
	}).URL)
	if got := s.fields(g); got.Visits != 1 {
		t.Errorf("%+v", got)
	}
}

func TestServerSentEventsArriveBeforeTheHandlerReturns(t *testing.T) {
	s := newLab(t)
	g := new(guest)
	more, returned := make(chan struct{}), make(chan struct{})
	server := s.serveHTTP(t, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		defer close(returned)
		w.Header().Set("Content-Type", "text/event-stream")
		x.AddVisits(1)
		rc := http.NewResponseController(w)
		for i := range 3 {
			_, _ = fmt.Fprintf(w, "data: %d\n\n", i)
			if err := rc.Flush(); err != nil {
				t.Error(err)
			}
			<-more
		}
		x.AddVisits(10)
	})
	resp := g.send(t, "GET", server.URL)
	if got := s.fields(g); got.Visits != 1 {
		t.Errorf("when the header arrived %+v was stored", got)
	}
	lines := bufio.NewScanner(resp.Body)
	for i := range 3 {
		if !lines.Scan() || lines.Text() != fmt.Sprintf("data: %d", i) {
			t.Fatalf("event %d: %q, %v", i, lines.Text(), lines.Err())
		}
		lines.Scan()
		more <- struct{}{}
	}
	<-returned
	for lines.Scan() { // to the end of the response
	}
	if got := s.fields(g); got.Visits != 11 {
		t.Errorf("in the end %+v was stored", got)
	}
}

// upgrade is what a websocket library does, in small.
func upgrade(t *testing.T, w http.ResponseWriter) (net.Conn, error) {
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, err
	}
	_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n")
	if err := rw.Flush(); err != nil {
		t.Error(err)
	}
	return conn, nil
}

// dial sends an upgrade request and returns the connection and the response's status line.
func dial(t *testing.T, g *guest, server *httptest.Server) (net.Conn, *bufio.Reader, *http.Response) {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	r := g.request()
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "echo")
	if err := r.Write(conn); err != nil {
		t.Fatal(err)
	}
	b := bufio.NewReader(conn)
	resp, err := http.ReadResponse(b, r)
	if err != nil {
		t.Fatal(err)
	}
	return conn, b, resp
}

func TestAHijackedConnectionIsSavedBeforeAndAfter(t *testing.T) {
	s := newLab(t)
	g := s.known()
	done := make(chan struct{})
	middleware := s.sessions.Middleware(s.handler(func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		x.AddVisits(1)
		conn, err := upgrade(t, w)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		if got := s.fields(g); got.Visits != 2 {
			t.Errorf("after Hijack %+v is stored", got)
		}
		line, _ := bufio.NewReader(conn).ReadString('\n')
		_, _ = io.WriteString(conn, "you said "+line)
		x.AddVisits(10)
		if err := x.Save(); err != nil {
			t.Errorf("Save during the connection: %v", err)
		}
		x.AddVisits(100)
	}))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		middleware.ServeHTTP(w, r)
		close(done)
	}))
	defer server.Close()
	conn, b, resp := dial(t, g, server)
	if resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatal(resp.Status)
	}
	_, _ = io.WriteString(conn, "hello\n")
	if line, err := b.ReadString('\n'); line != "you said hello\n" {
		t.Errorf("%q, %v", line, err)
	}
	<-done
	if got := s.fields(g); got.Visits != 112 {
		t.Errorf("in the end %+v is stored", got)
	}
}

func TestAHijackThatWouldLoseTheCookieFails(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *fixture.Session){
		"pending": func(_ *testing.T, x *fixture.Session) { x.AddVisits(1) },
		"saved": func(t *testing.T, x *fixture.Session) {
			x.AddVisits(1)
			if err := x.Save(); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := new(guest)
			server := s.serveHTTP(t, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
				change(t, x)
				if _, err := upgrade(t, w); !errors.Is(err, session.ErrLateSave) {
					t.Errorf("Hijack: %v", err)
				}
				http.Error(w, "try again", http.StatusUpgradeRequired)
			})
			_, _, resp := dial(t, g, server)
			g.keep(resp)
			if got := s.fields(g); resp.StatusCode != http.StatusUpgradeRequired || got.Visits != 1 {
				t.Errorf("%s %v: %+v", resp.Status, resp.Header, got)
			}
		})
	}
}

func TestAResponseOf101CarriesTheCookie(t *testing.T) {
	s := newLab(t)
	g := new(guest)
	server := s.serveHTTP(t, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		x.AddVisits(1)
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "echo")
		w.WriteHeader(http.StatusSwitchingProtocols)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_ = conn.Close()
	})
	_, _, resp := dial(t, g, server)
	g.keep(resp)
	if got := s.fields(g); resp.StatusCode != http.StatusSwitchingProtocols || got.Visits != 1 {
		t.Errorf("%s %v: %+v", resp.Status, resp.Header, got)
	}
}

// Libraries that write the 101 themselves (coder/websocket) do not learn from WriteHeader that the save has failed.
func TestAConnectionIsNotHandedOverAfterASaveThatFailed(t *testing.T) {
	s := newLab(t)
	g := s.known()
	server := s.serveHTTP(t, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		x.AddVisits(1)
		s.store.fail(always(errDown, swap), nil)
		w.WriteHeader(http.StatusSwitchingProtocols)
		conn, _, err := http.NewResponseController(w).Hijack()
		if !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("Hijack: %v", err)
		}
		if err == nil {
			_ = conn.Close()
		}
	})
	_, _, resp := dial(t, g, server)
	s.store.heal()
	if got := s.fields(g); resp.StatusCode != http.StatusServiceUnavailable || got.Visits != 1 {
		t.Errorf("%s: %+v", resp.Status, got)
	}
}

func TestWhereTheServerCannotHijackTheResponseGoesOn(t *testing.T) {
	s := newLab(t)
	g := s.known()
	resp := s.serve(g, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		x.AddVisits(1)
		if _, _, err := http.NewResponseController(w).Hijack(); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("Hijack: %v", err)
		}
		x.SetUserID(7)
		_, _ = io.WriteString(w, "hi")
	})
	if got := s.fields(g); text(resp) != "hi" || got.UserID != 7 || got.Visits != 2 {
		t.Errorf("%v %+v", resp.Header, got)
	}
}

func TestWhereTheServerCannotFlushTheResponseHasNotBegun(t *testing.T) {
	s := newLab(t)
	w := httptest.NewRecorder()
	s.sessions.Middleware(s.handler(func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		if err := http.NewResponseController(w).Flush(); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("Flush: %v", err)
		}
		w.(http.Flusher).Flush()
		x.AddVisits(1)
		w.WriteHeader(http.StatusAccepted)
	})).ServeHTTP(struct{ http.ResponseWriter }{w}, new(guest).request())
	if w.Code != http.StatusAccepted || !setsCookie(w.Result().Header) {
		t.Errorf("%d %v %s", w.Code, w.Header(), s.logs)
	}
}

func TestResponseControllerReachesTheServersWriter(t *testing.T) {
	s := newLab(t)
	g := s.known()
	resp := g.send(t, "POST", s.serveHTTP(t, func(w http.ResponseWriter, _ *http.Request, _ *fixture.Session) {
		rc := http.NewResponseController(w)
		for name, err := range map[string]error{
			"SetReadDeadline":  rc.SetReadDeadline(time.Now().Add(time.Minute)),
			"SetWriteDeadline": rc.SetWriteDeadline(time.Now().Add(time.Minute)),
			"EnableFullDuplex": rc.EnableFullDuplex(),
			"Flush":            rc.Flush(),
		} {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}).URL)
	if resp.StatusCode != 200 {
		t.Error(resp.Status)
	}
}

// A fileSender is a ResponseWriter whose ReadFrom is the fast path.
type fileSender struct {
	*httptest.ResponseRecorder
	sent int64
}

func (f *fileSender) ReadFrom(r io.Reader) (n int64, err error) {
	n, err = io.Copy(f.ResponseRecorder, r)
	f.sent += n
	return n, err
}

func TestReadFromReachesTheServersFastPath(t *testing.T) {
	s := newLab(t)
	w := &fileSender{ResponseRecorder: httptest.NewRecorder()}
	content := strings.NewReader(strings.Repeat("x", 1000))
	s.sessions.Middleware(s.handler(func(w http.ResponseWriter, r *http.Request, x *fixture.Session) {
		x.AddVisits(1)
		http.ServeContent(w, r, "x.txt", time.Time{}, content)
	})).ServeHTTP(w, new(guest).request())
	if w.sent != 1000 || w.Body.Len() != 1000 || !setsCookie(w.Result().Header) {
		t.Errorf("%d of %d bytes went that way; %v", w.sent, w.Body.Len(), w.Header())
	}
}
