// Package site is the demo: a greeting that only visitors who are logged in see, a form with "keep me logged in", a visit
// counter, a notice that shows once, a page of the devices that are logged in, a logout. It is no part of package main, so
// that a program with database drivers can have it too.
package site

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
	"syscall"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// Main runs the demo until somebody interrupts it. databases are the stores by the schemes of their URLs that need a
// driver.
func Main(databases map[string]Open) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := Run(ctx, os.Args[1:], os.Stdout, databases); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "login:", err)
		os.Exit(1)
	}
}

// Run runs the demo until ctx ends. To out it says where the demo is.
func Run(ctx context.Context, args []string, out io.Writer, databases map[string]Open) error {
	flags := flag.NewFlagSet("login", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8080", "serve on this loopback `address`; port 0 picks a free one")
	stores := storeFlags{databases: databases}
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
		Secrets:   [][]byte{secret},
		Anonymous: session.Timeouts{Idle: 10 * time.Minute, Lifetime: time.Hour}, // who has not logged in
		Cookie:    session.Cookie{Insecure: true},
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
	fmt.Fprintf(out, "Sessions are kept %s.\n", where)
	if !kept {
		fmt.Fprintln(out, "The secret is made up, so everybody is logged out when the demo stops; a SESSION_SECRET in the environment keeps them: go run ./cmd/sessiongen secret, in the repository's root, prints one.")
	}
	fmt.Fprintln(out, "Plain http on loopback, so the cookie is Insecure: for development only.")
	fmt.Fprintf(out, "Open http://%s and log in with any name. Ctrl-C stops.\n", listener.Addr())

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
