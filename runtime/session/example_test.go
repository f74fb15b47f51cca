package session_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"

	// A package with a schema, as sessiongen leaves it.
	web "github.com/sessiongen/sessiongen/internal/fixture"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// newSessions returns a manager as a site makes it, but for plain http, since the examples have no certificate.
func newSessions() *web.Sessions {
	secret := make([]byte, 32)
	rand.Read(secret) // in production: the same on every server, from `go tool sessiongen secret`
	sessions, err := web.NewSessions(memory.New(), session.Config{
		Secrets: [][]byte{secret},
		Cookie:  session.Cookie{Insecure: true},
	})
	if err != nil {
		panic(err)
	}
	return sessions
}

// browse asks a site for pages, one after another, as a browser that keeps its cookies, and prints the answers.
func browse(site http.Handler, paths ...string) {
	server := httptest.NewServer(site)
	defer server.Close()
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar}
	for _, path := range paths {
		resp, err := browser.Get(server.URL + path)
		if err != nil {
			panic(err)
		}
		var answer string
		fmt.Fscanf(resp.Body, "%q", &answer)
		resp.Body.Close()
		fmt.Println(strings.TrimSpace(fmt.Sprint(path, " ", resp.StatusCode, " ", answer)))
	}
}

// Load, change, save, then write.
func ExampleManager_Load() {
	sessions := newSessions()
	login := func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Load(w, r) // an error only when the store cannot be reached: never a silent logout
		if err != nil {
			http.Error(w, "One moment, please.", http.StatusServiceUnavailable)
			return
		}
		s.SetUserName(r.FormValue("name"))
		if err := s.Save(); err != nil { // writes the store, sets the cookie
			http.Error(w, "One moment, please.", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, "%q", "Welcome, "+s.UserName())
	}
	browse(http.HandlerFunc(login), "/?name=Ann")
	// Output:
	// /?name=Ann 200 Welcome, Ann
}

// One session a request, saved before the first byte of the response.
func ExampleManager_Middleware() {
	sessions := newSessions()
	count := func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Get(r)
		if err != nil {
			http.Error(w, "One moment, please.", http.StatusServiceUnavailable)
			return
		}
		s.AddVisits(1)
		fmt.Fprintf(w, "%q", fmt.Sprintf("visit %d", s.Visits()))
	}
	browse(sessions.Middleware(http.HandlerFunc(count)), "/", "/", "/")
	// Output:
	// / 200 visit 1
	// / 200 visit 2
	// / 200 visit 3
}

// The session as a parameter. An error goes to Config.OnError, and nothing is saved.
func ExampleManager_Handle() {
	sessions := newSessions()
	hello := sessions.Handle(func(w http.ResponseWriter, r *http.Request, s *web.Session) error {
		if name := r.FormValue("name"); name != "" {
			s.SetUserName(name)
		}
		_, err := fmt.Fprintf(w, "%q", "Hello, "+s.UserName())
		return err
	})
	browse(hello, "/?name=Ann", "/")
	// Output:
	// /?name=Ann 200 Hello, Ann
	// / 200 Hello, Ann
}

// A guard sends who is not logged in elsewhere. Behind it, Must has no error to handle.
func ExampleManager_Require() {
	sessions := newSessions()
	stranger := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, "%q", "Who are you?")
	})
	guard := sessions.Require((*web.Session).HasUserName, stranger)

	mux := http.NewServeMux()
	mux.Handle("/account", guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%q", "This is yours, "+sessions.Must(r).UserName())
	})))
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		if s, err := sessions.Get(r); err == nil {
			s.SetUserName("Ann")
		}
	})
	browse(sessions.Middleware(mux), "/account", "/login", "/account")
	// Output:
	// /account 401 Who are you?
	// /login 200
	// /account 200 This is yours, Ann
}

// A job goes on with the session of the request that queued it.
func ExampleManager_Open() {
	sessions := newSessions()
	job := func(ctx context.Context, token string) error {
		s, err := sessions.Open(ctx, token) // ErrInvalidToken, ErrGone, or the store is down
		if err != nil {
			return err
		}
		s.SetNotice("Your report is ready.")
		return s.Save()
	}
	browse(sessions.Handle(func(w http.ResponseWriter, r *http.Request, s *web.Session) error {
		if notice, ok := s.TakeNotice(); ok {
			_, err := fmt.Fprintf(w, "%q", notice)
			return err
		}
		s.AddVisits(1)
		if err := s.Save(); err != nil { // only a session that is saved has a token
			return err
		}
		return job(r.Context(), s.Meta().Token) // in a site: put it on the queue
	}), "/", "/")
	// Output:
	// / 200
	// / 200 Your report is ready.
}

// What a framework's adapter is made of: the error comes back to who answers it, and then nothing is saved.
func ExampleManager_Do() {
	sessions := newSessions()
	handler := func(w http.ResponseWriter, r *http.Request) error {
		s, err := sessions.FromContext(r.Context()) // for code that has no request
		if err != nil {
			return err
		}
		s.AddVisits(1)
		if r.FormValue("fail") != "" {
			return fmt.Errorf("no luck")
		}
		_, err = fmt.Fprintf(w, "%q", fmt.Sprintf("visit %d", s.Visits()))
		return err
	}
	browse(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := sessions.Do(w, r, handler); err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprintf(w, "%q", err.Error())
		}
	}), "/", "/?fail=yes", "/")
	// Output:
	// / 200 visit 1
	// /?fail=yes 500 no luck
	// / 200 visit 2
}
