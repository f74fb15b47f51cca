package plain_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/go-chi/chi/v5"
	"github.com/gorilla/mux"
	"github.com/julienschmidt/httprouter"

	// A package with a schema, as sessiongen leaves it.
	web "github.com/sessiongen/sessiongen/internal/fixture"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

func Example_netHTTP() {
	sessions := newSessions()
	guard := sessions.Require((*web.Session).HasUserName, http.HandlerFunc(whoAreYou))

	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", login(sessions))
	mux.Handle("GET /account", guard(account(sessions)))

	browse(sessions.Middleware(mux), "/account", "/login?name=Ann")
	// Output:
	// /account: 401 Who are you?
	// /login?name=Ann: 200 Hello, Ann.
}

func Example_chi() {
	sessions := newSessions()
	guard := sessions.Require((*web.Session).HasUserName, http.HandlerFunc(whoAreYou))

	r := chi.NewRouter()
	r.Use(sessions.Middleware)
	r.Get("/login", login(sessions))
	r.With(guard).Get("/account", account(sessions))

	browse(r, "/account", "/login?name=Ann")
	// Output:
	// /account: 401 Who are you?
	// /login?name=Ann: 200 Hello, Ann.
}

func Example_gorillaMux() {
	sessions := newSessions()
	guard := sessions.Require((*web.Session).HasUserName, http.HandlerFunc(whoAreYou))

	r := mux.NewRouter()
	r.Use(sessions.Middleware)
	r.HandleFunc("/login", login(sessions))
	r.Handle("/account", guard(account(sessions)))

	browse(r, "/account", "/login?name=Ann")
	// Output:
	// /account: 401 Who are you?
	// /login?name=Ann: 200 Hello, Ann.
}

func Example_httpRouter() {
	sessions := newSessions()
	guard := sessions.Require((*web.Session).HasUserName, http.HandlerFunc(whoAreYou))

	r := httprouter.New()
	r.HandlerFunc("GET", "/login", login(sessions))
	r.Handler("GET", "/account", guard(account(sessions)))

	browse(sessions.Middleware(r), "/account", "/login?name=Ann")
	// Output:
	// /account: 401 Who are you?
	// /login?name=Ann: 200 Hello, Ann.
}

// Typed handlers find the session in their context.
func Example_huma() {
	sessions := newSessions()

	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("shop", "1"))
	type page struct{ Body string }
	huma.Get(api, "/visit", func(ctx context.Context, _ *struct{}) (*page, error) {
		s, err := sessions.FromContext(ctx)
		if err != nil {
			return nil, huma.NewError(session.StatusOf(err), "no session", err)
		}
		s.AddVisits(1)
		return &page{fmt.Sprint(s.Visits(), " visits")}, nil
	})

	browse(sessions.Middleware(mux), "/visit", "/visit")
	// Output:
	// /visit: 200 "1 visits"
	//
	// /visit: 200 "2 visits"
}

func login(sessions *web.Sessions) http.HandlerFunc {
	return sessions.Handle(func(w http.ResponseWriter, r *http.Request, s *web.Session) error {
		s.SetUserName(r.FormValue("name")) // a renew field: the session gets a new id
		http.Redirect(w, r, "/account", http.StatusSeeOther)
		return nil
	}).ServeHTTP
}

func account(sessions *web.Sessions) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s := sessions.Must(r) // behind the guard it has been loaded
		fmt.Fprintf(w, "Hello, %s.", s.UserName())
	}
}

func whoAreYou(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusUnauthorized)
	fmt.Fprint(w, "Who are you?")
}

func newSessions() *web.Sessions {
	secret := make([]byte, 32)
	rand.Read(secret) // in production: the same on every server, from `go tool sessiongen secret`
	sessions, err := web.NewSessions(memory.New(), session.Config{
		Secrets: [][]byte{secret},
		Cookie:  session.Cookie{Insecure: true}, // the examples have no certificate
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
		page, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Printf("%s: %d %s\n", path, resp.StatusCode, page)
	}
}
