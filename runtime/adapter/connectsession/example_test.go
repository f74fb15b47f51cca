package connectsession_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"

	// A package with a schema, as sessiongen leaves it.
	web "github.com/sessiongen/sessiongen/internal/fixture"

	"github.com/sessiongen/sessiongen/runtime/adapter/connectsession"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

func Example() {
	secret := make([]byte, 32)
	rand.Read(secret) // in production: the same on every server, from `go tool sessiongen secret`
	sessions, err := web.NewSessions(memory.New(), session.Config{
		Secrets: [][]byte{secret},
		Cookie:  session.Cookie{Insecure: true}, // the example has no certificate
	})
	if err != nil {
		panic(err)
	}

	type text = wrapperspb.StringValue
	login := func(ctx context.Context, req *connect.Request[text]) (*connect.Response[text], error) {
		s, err := connectsession.Get(ctx, sessions)
		if err != nil {
			return nil, err
		}
		s.SetUserName(req.Msg.Value) // a renew field: the session gets a new id
		return connect.NewResponse(wrapperspb.String("Welcome.")), nil
	}
	account := func(ctx context.Context, _ *connect.Request[text]) (*connect.Response[text], error) {
		s, err := connectsession.Get(ctx, sessions)
		if err != nil {
			return nil, err
		}
		return connect.NewResponse(wrapperspb.String("Hello, " + s.UserName() + ".")), nil
	}
	stranger := func(context.Context) error {
		return connect.NewError(connect.CodeUnauthenticated, errors.New("log in first"))
	}

	// The handlers are those that protoc-gen-connect-go makes of a service; the options are the same.
	withSession := connect.WithInterceptors(connectsession.Middleware(sessions))
	guarded := connect.WithInterceptors(connectsession.Require(sessions, (*web.Session).HasUserName, stranger))
	mux := http.NewServeMux()
	mux.Handle("/shop.v1.Shop/Login", connect.NewUnaryHandler("/shop.v1.Shop/Login", login, withSession))
	mux.Handle("/shop.v1.Shop/Account", connect.NewUnaryHandler("/shop.v1.Shop/Account", account, withSession, guarded))

	server := httptest.NewServer(mux)
	defer server.Close()
	jar, _ := cookiejar.New(nil)
	for _, procedure := range []string{"Account", "Login", "Account"} {
		client := connect.NewClient[text, text](&http.Client{Jar: jar}, server.URL+"/shop.v1.Shop/"+procedure)
		res, err := client.CallUnary(context.Background(), connect.NewRequest(wrapperspb.String("Ann")))
		if err != nil {
			fmt.Println(err)
		} else {
			fmt.Println(res.Msg.Value)
		}
	}
	// Output:
	// unauthenticated: log in first
	// Welcome.
	// Hello, Ann.
}
