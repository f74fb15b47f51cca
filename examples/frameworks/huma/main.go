// Command huma is a small site with sessions, in huma: go run ./huma
package main

import (
	"context"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/sessiongen/sessiongen/examples/frameworks/shop"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func main() { shop.Serve(site(shop.New())) }

// site is the shop's, in this framework. Typed handlers find the session in their context.
func site(sessions *shop.Sessions) http.Handler {
	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("shop", "1"))
	get := func(ctx context.Context) (*shop.Session, error) {
		s, err := sessions.FromContext(ctx)
		if err != nil {
			return nil, huma.NewError(session.StatusOf(err), "the session cannot be loaded")
		}
		return s, nil
	}
	huma.Get(api, "/{$}", func(ctx context.Context, _ *struct{}) (*page, error) {
		s, err := get(ctx)
		if err != nil {
			return nil, err
		}
		if !s.HasUserName() {
			return html(shop.LoginForm), nil
		}
		s.AddVisits(1)
		return html(shop.Home(s)), nil
	})
	huma.Post(api, "/login", func(ctx context.Context, in *struct {
		RawBody []byte `contentType:"application/x-www-form-urlencoded"`
	}) (*redirect, error) {
		s, err := get(ctx)
		if err != nil {
			return nil, err
		}
		form, err := url.ParseQuery(string(in.RawBody))
		if err != nil {
			return nil, huma.Error400BadRequest("no form")
		}
		s.SetUserName(form.Get("name")) // a renew field: the session gets a new id
		return home, nil
	})
	huma.Post(api, "/logout", func(ctx context.Context, _ *struct{}) (*redirect, error) {
		s, err := get(ctx)
		if err != nil {
			return nil, err
		}
		return home, s.Destroy()
	})
	return sessions.Middleware(mux)
}

type page struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func html(text string) *page { return &page{"text/html; charset=utf-8", []byte(text)} }

type redirect struct {
	Status   int
	Location string `header:"Location"`
}

var home = &redirect{http.StatusSeeOther, "/"}
