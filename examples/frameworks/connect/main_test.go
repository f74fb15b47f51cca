package main

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/sessiongen/sessiongen/examples/frameworks/shop"
)

func TestSite(t *testing.T) {
	server := httptest.NewServer(site(shop.New()))
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		method, want string
		fails        connect.Code
	}{
		{"Home", "", connect.CodeUnauthenticated},
		{"Login", "Welcome.", 0},
		{"Home", "Hello, Ann: 1", 0},
		{"Home", "Hello, Ann: 2", 0},
		{"Logout", "Bye.", 0},
		{"Home", "", connect.CodeUnauthenticated},
	} {
		client := connect.NewClient[text, text](&http.Client{Jar: jar}, server.URL+"/shop.v1.Shop/"+step.method)
		res, err := client.CallUnary(t.Context(), connect.NewRequest(wrapperspb.String("Ann")))
		switch {
		case step.fails != 0:
			if connect.CodeOf(err) != step.fails {
				t.Errorf("%s: %v, want %v", step.method, err, step.fails)
			}
		case err != nil || res.Msg.Value != step.want:
			t.Errorf("%s: %v, %v", step.method, res, err)
		}
	}
}
