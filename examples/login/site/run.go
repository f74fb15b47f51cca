// Package site is the demo: a greeting that only visitors who are logged in see, a form with "keep me logged in", a visit
// counter, a notice that shows once, a page of the devices that are logged in, a logout. It is no part of package main, so
// that a program with database drivers can have it too.
package site

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/sessiongen/sessiongen/examples/demo"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// Main runs the demo until somebody interrupts it. databases are the stores by the schemes of their URLs that need a
// driver.
func Main(databases map[string]demo.Open) {
	demo.Main("login", func(ctx context.Context, args []string, out io.Writer) error {
		return Run(ctx, args, out, databases)
	})
}

// Run runs the demo until ctx ends. To out it says where the demo is.
func Run(ctx context.Context, args []string, out io.Writer, databases map[string]demo.Open) error {
	flags := flag.NewFlagSet("login", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8080", "serve on this loopback `address`; port 0 picks a free one")
	stores := demo.Stores{Databases: databases}
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
	secret, kept, err := demo.Secret()
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
	listener, err := demo.Listen(*addr)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, demo.Describe(ctx, store, where))
	if !kept {
		fmt.Fprintln(out, "The secret is made up, so everybody is logged out when the demo stops; a SESSION_SECRET in the environment keeps them: go run ./cmd/sessiongen secret, in the repository's root, prints one.")
	}
	fmt.Fprintln(out, "Plain http on loopback, so the cookie is Insecure: for development only.")
	fmt.Fprintf(out, "Open http://%s and log in with any name. Ctrl-C stops.\n", listener.Addr())
	return demo.Serve(ctx, listener, handler)
}
