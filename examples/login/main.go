// Login is a small site with a login, the demo of sessiongen: a greeting that only visitors who are logged in see, a form,
// a visit counter, a notice that shows once, a logout.
//
// It keeps sessions in memory, in a file, in memcached, or in Redis: on one node, on a Cluster, or on the master that Sentinels watch:
//
//	go run ./examples/login
//	go run ./examples/login -file sessions.db
//	go run ./examples/login -memcached 127.0.0.1:11211
//	go run ./examples/login -redis 127.0.0.1:6379
//	go run ./examples/login -redis-cluster 127.0.0.1:7000 -redis-cluster 127.0.0.1:7001
//	go run ./examples/login -redis-sentinel mymaster@127.0.0.1:26379,127.0.0.1:26380
//
// -store takes any of them as a URL: memory:, file:sessions.db, memcached://127.0.0.1:11211, redis://127.0.0.1:6379.
//
// It serves plain http on a loopback address and therefore sets Insecure, which no site in production does.
package main

import (
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
	"os/signal"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "login:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("login", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8080", "serve on this loopback `address`; port 0 picks a free one")
	var stores storeFlags
	stores.register(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	store, where, err := stores.open()
	if err != nil {
		return err
	}
	if c, ok := store.(io.Closer); ok {
		defer c.Close()
	}
	secret, kept, err := secretFromEnvironment()
	if err != nil {
		return err
	}
	handler, err := newApp(store, session.Config{
		Secrets:     [][]byte{secret},
		IdleTimeout: session.NoTimeout,
		Cookie:      session.Cookie{Insecure: true, Persistent: true},
	}, slog.Default())
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host(listener.Addr())); !ip.IsLoopback() {
		_ = listener.Close()
		return fmt.Errorf("%s is not a loopback address, and the demo's cookies are insecure", *addr)
	}
	fmt.Printf("Sessions are kept %s.\n", where)
	if !kept {
		fmt.Println("The secret is made up, so everybody is logged out when the demo stops; a SESSION_SECRET in the environment keeps them: go run ./cmd/sessiongen secret prints one.")
	}
	fmt.Println("Plain http on loopback, so the cookie is Insecure: for development only.")
	fmt.Printf("Open http://%s and log in with any name. Ctrl-C stops.\n", listener.Addr())

	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(ctx)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func host(a net.Addr) string {
	h, _, _ := net.SplitHostPort(a.String())
	return h
}

// secretFromEnvironment returns the secret of SESSION_SECRET, or one that lasts as long as the process.
func secretFromEnvironment() (secret []byte, kept bool, err error) {
	text := os.Getenv("SESSION_SECRET")
	if text == "" {
		secret = make([]byte, 32)
		_, _ = rand.Read(secret) // never fails: see crypto/rand
		return secret, false, nil
	}
	if secret, err = session.Secret(text); err != nil {
		return nil, false, fmt.Errorf("SESSION_SECRET: %w", err)
	}
	return secret, true, nil
}
