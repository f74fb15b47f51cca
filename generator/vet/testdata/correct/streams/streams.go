// Package streams has correct handlers that stream: websockets, downloads, events, early hints.
package streams

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"example.com/shop/web"
)

type app struct{ sessions *web.Sessions }

// Early hints before save
func (a *app) hints(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Link", "</style.css>; rel=preload")
	w.WriteHeader(http.StatusEarlyHints)
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprint(w, "hello")
}

// websocket: save before upgrade, Open for later saves
func (a *app) ws(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	token := s.Meta().Token
	conn, rw, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	go a.serve(conn, rw, token)
}

func (a *app) serve(conn net.Conn, rw *bufio.ReadWriter, token string) {
	defer conn.Close()
	for {
		line, err := rw.ReadString('\n')
		if err != nil {
			return
		}
		if err := a.remember(token, line); err != nil {
			return
		}
	}
}

func (a *app) remember(token, line string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	s, err := a.sessions.Open(ctx, token)
	if err != nil {
		return err
	}
	s.PutPrefs("last", line)
	return s.Save()
}

// streaming download, reading only after
func (a *app) download(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	f, err := os.Open("x")
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer f.Close()
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	n, _ := io.Copy(w, f)
	fmt.Println(s.UserID(), n)
}

// writer is a recorder
type recorder struct {
	http.ResponseWriter
	status int
	body   []byte
}

func (r *recorder) Write(p []byte) (int, error) { r.body = append(r.body, p...); return len(p), nil }
func (r *recorder) WriteHeader(c int)           { r.status = c }

func (a *app) recorded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := a.sessions.Load(w, r)
		if err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		rec := &recorder{ResponseWriter: w, status: 200}
		next.ServeHTTP(rec, r)
		s.AddVisits(1)
		if err := s.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(rec.status)
		w.Write(rec.body)
	})
}

// w reassigned
func (a *app) reassigned(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := a.sessions.Load(w, r)
		if err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		rec := &recorder{ResponseWriter: w}
		w = rec
		next.ServeHTTP(w, r)
		s.AddVisits(1)
		if err := s.Save(); err != nil {
			http.Error(rec.ResponseWriter, "x", 503)
			return
		}
		rec.ResponseWriter.Write(rec.body)
	})
}

// helper that writes only to its own buffer though it takes w (cookie setter)
func setCSRF(w http.ResponseWriter, s *web.Session) {
	http.SetCookie(w, &http.Cookie{Name: "csrf", Value: "x"})
}

func (a *app) csrf(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	setCSRF(w, s)
	w.Header().Set("X", "y")
	rc := http.NewResponseController(w)
	_ = rc.SetWriteDeadline(time.Now().Add(time.Minute))
	s.SetTheme("x")
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	rc.Flush()
}

// heartbeats: SSE loop that reads only
func (a *app) events(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
			fmt.Fprintf(w, "data: %s\n\n", s.UserName())
			w.(http.Flusher).Flush()
		}
	}
}

// a conditional write helper: writes only when it returns true
func redirected(w http.ResponseWriter, r *http.Request) bool {
	if r.TLS == nil {
		http.Redirect(w, r, "https://x", 301)
		return true
	}
	return false
}

func (a *app) condWrite(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if redirected(w, r) {
		return
	}
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// expvar style: post processing after write by design for sessions from Open
func (a *app) job(ctx context.Context, w http.ResponseWriter, token string) error {
	s, err := a.sessions.Open(ctx, token)
	if err != nil {
		return err
	}
	fmt.Fprint(w, "started")
	s.SetNotice("done")
	return s.Save()
}
