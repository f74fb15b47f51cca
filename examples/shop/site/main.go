// Site is the shop: a catalogue, a cart, a checkout, logins with a password and at a provider, devices, two
// languages, an API for an app, the inspector. Start with session.go, which says what a session holds, and site.go,
// which says what there is.
//
//	go run ./examples/shop                    from the repository's root
//	go run ./examples/shop -store redis://127.0.0.1:6379
//
// Sessions are kept in a file, and so is the secret: the cart survives a restart. -store takes any store that there
// is: memory:, file:sessions.db, memcached://127.0.0.1:11211, redis://127.0.0.1:6379,
// postgres://user:password@127.0.0.1/database, mysql://…, sqlite:sessions.sqlite.
//
// It is a module of its own, so that sessiongen's users depend neither on an OAuth client nor on drivers or browsers.
// It serves plain http on a loopback address and therefore sets Insecure, which no site in production does.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/sessiongen/sessiongen/examples/demo"
	"github.com/sessiongen/sessiongen/examples/demo/databases"
	"github.com/sessiongen/sessiongen/examples/shop/site/provider"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func main() { demo.Main("shop", run) }

// config is how the shop wants its sessions.
func config(secret []byte) session.Config {
	return session.Config{
		Secrets:     [][]byte{secret},
		IdleTimeout: 2 * time.Hour,
		// A cart of somebody who has not logged in waits until the evening. Who only looks has no session at all.
		Anonymous: session.Timeouts{Idle: 12 * time.Hour, Lifetime: 3 * 24 * time.Hour},
		// "Keep me logged in", and the app.
		Remembered: session.Timeouts{Idle: 30 * 24 * time.Hour, Lifetime: 90 * 24 * time.Hour},
		Cookie:     session.Cookie{Name: "kiln", Insecure: true},
		// To look at a session is no use of it.
		Passive: func(r *http.Request) bool { return r.URL.Path == inspectorPath },
	}
}

// run runs the shop and its provider until ctx ends. To out it says where they are.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("shop", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8080", "serve on this loopback `address`; port 0 picks a free one")
	dir, err := directory()
	if err != nil {
		return err
	}
	stores := demo.Stores{Default: "file:" + filepath.Join(dir, "sessions.db"), Databases: databases.All()}
	stores.Register(flags)
	if err := demo.Parse(flags, args); err != nil {
		return err
	}
	store, where, err := stores.Open()
	if err != nil {
		return err
	}
	if c, ok := store.(io.Closer); ok {
		defer c.Close()
	}
	secret, err := keptSecret(filepath.Join(dir, "secret"))
	if err != nil {
		return err
	}
	listener, err := demo.Listen(*addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	theirs, err := demo.Listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer theirs.Close()
	client := clientOf(listener.Addr())
	providerURL := "http://" + theirs.Addr().String()
	handler, err := newShop(store, config(secret), providerURL, client, slog.Default())
	if err != nil {
		return err
	}
	fmt.Fprintln(out, demo.Describe(ctx, store, where))
	fmt.Fprintf(out, "The login provider is at %s.\n", providerURL)
	fmt.Fprintln(out, "Plain http on loopback, so the cookie is Insecure: for development only.")
	fmt.Fprintf(out, "Open http://%s. Ctrl-C stops.\n", listener.Addr())

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 2)
	serve := func(l net.Listener, h http.Handler) {
		failed <- demo.Serve(ctx, l, h)
		stop()
	}
	go serve(theirs, provider.New(client, nil))
	go serve(listener, handler)
	return cmp.Or(<-failed, <-failed)
}

// clientOf is the shop as its provider knows it: answers go to where it listens, by number and by name.
func clientOf(addr net.Addr) provider.Client {
	_, port, _ := net.SplitHostPort(addr.String())
	return provider.Client{
		ID: "kiln", Secret: rand.Text(),
		Redirects: []string{"http://" + addr.String() + "/oauth/callback", "http://localhost:" + port + "/oauth/callback"},
	}
}

// directory is where the shop keeps what shall survive its end.
func directory() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "sessiongen-shop")
	return dir, os.MkdirAll(dir, 0o700)
}

// keptSecret is the secret of SESSION_SECRET, as in production, or one that the first start has made up and left in a
// file that its owner alone can read.
func keptSecret(path string) ([]byte, error) {
	if secret, given, err := demo.Secret(); given || err != nil {
		return secret, err
	}
	secret, err := os.ReadFile(path)
	if !errors.Is(err, os.ErrNotExist) {
		return secret, err
	}
	secret = make([]byte, 32)
	_, _ = rand.Read(secret) // never fails: see crypto/rand
	return secret, os.WriteFile(path, secret, 0o600)
}
