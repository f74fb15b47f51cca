// Command connect is a small service with sessions, in Connect: go run ./connect, and then
//
//	call() { curl -s -b jar -c jar -H 'Content-Type: application/json' -d "\"$2\"" http://127.0.0.1:8080/shop.v1.Shop/$1; }
//	call Login Ann; call Home; call Logout; call Home
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/sessiongen/sessiongen/examples/frameworks/shop"
	"github.com/sessiongen/sessiongen/runtime/adapter/connectsession"
)

func main() { shop.Serve(site(shop.New())) }

type text = wrapperspb.StringValue

// site is the shop's, in this framework. protoc-gen-connect-go would make a handler of all methods, with the same
// options.
func site(sessions *shop.Sessions) http.Handler {
	withSession := connect.WithInterceptors(connectsession.Middleware(sessions))
	guard := connect.WithInterceptors(connectsession.Require(sessions, (*shop.Session).HasUserName,
		func(context.Context) error {
			return connect.NewError(connect.CodeUnauthenticated, errors.New("log in first"))
		}))

	home := func(ctx context.Context, _ *connect.Request[text]) (*connect.Response[text], error) {
		s, err := connectsession.Get(ctx, sessions)
		if err != nil {
			return nil, err
		}
		s.AddVisits(1)
		return connect.NewResponse(wrapperspb.String(fmt.Sprintf("Hello, %s: %d", s.UserName(), s.Visits()))), nil
	}
	login := func(ctx context.Context, req *connect.Request[text]) (*connect.Response[text], error) {
		s, err := connectsession.Get(ctx, sessions)
		if err != nil {
			return nil, err
		}
		s.SetUserName(req.Msg.Value) // a renew field: the session gets a new id
		return connect.NewResponse(wrapperspb.String("Welcome.")), nil
	}
	logout := func(ctx context.Context, _ *connect.Request[text]) (*connect.Response[text], error) {
		s, err := connectsession.Get(ctx, sessions)
		if err == nil {
			err = s.Destroy()
		}
		if err != nil {
			return nil, err
		}
		return connect.NewResponse(wrapperspb.String("Bye.")), nil
	}

	mux := http.NewServeMux()
	mux.Handle("/shop.v1.Shop/Home", connect.NewUnaryHandler("/shop.v1.Shop/Home", home, withSession, guard))
	mux.Handle("/shop.v1.Shop/Login", connect.NewUnaryHandler("/shop.v1.Shop/Login", login, withSession))
	mux.Handle("/shop.v1.Shop/Logout", connect.NewUnaryHandler("/shop.v1.Shop/Logout", logout, withSession))
	return mux
}
