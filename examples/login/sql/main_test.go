//go:build unix

package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/examples/demo/databases"
	"github.com/sessiongen/sessiongen/examples/login/site"
	"github.com/sessiongen/sessiongen/internal/servertest"
)

// start runs the demo and returns its address, what it says of its sessions, and a function that ends it.
func start(t *testing.T, store string) (addr, where string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := site.Run(ctx, []string{"-addr", "127.0.0.1:0", "-store", store}, w, databases.All())
		_ = w.CloseWithError(err)
		done <- err
	}()
	lines := bufio.NewScanner(r)
	for addr == "" && lines.Scan() {
		if strings.HasPrefix(lines.Text(), "Sessions are kept ") {
			where = lines.Text()
		}
		if _, rest, ok := strings.Cut(lines.Text(), "Open "); ok {
			addr, _, _ = strings.Cut(rest, " ")
		}
	}
	if addr == "" {
		t.Fatal(lines.Err())
	}
	return addr, where, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestALoginOutlivesTheProcessOnEachDatabase(t *testing.T) {
	const login = servertest.Site + ":" + servertest.Password
	t.Setenv("SESSION_SECRET", "368df34cb4a8093ac3d7a99d55e3ca32f27a55742356564a2c6a11ba67f1e2b6")
	for name, open := range map[string]func(t *testing.T) string{
		"PostgreSQL": func(t *testing.T) string {
			return "postgres://" + login + "@" + servertest.Postgres(t).Addr() + "/" + servertest.Site
		},
		"MariaDB": func(t *testing.T) string {
			return "mysql://" + login + "@" + servertest.MariaDB(t).Addr() + "/" + servertest.Site
		},
		"SQLite": func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "sessions.sqlite") },
	} {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			jar, err := cookiejar.New(nil)
			if err != nil {
				t.Fatal(err)
			}
			client := &http.Client{Jar: jar}
			greeted := func(resp *http.Response, err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				if body, _ := io.ReadAll(resp.Body); !strings.Contains(string(body), "Hello, Ann.") {
					t.Errorf("not greeted:\n%s", body)
				}
			}
			addr, where, stop := start(t, store)
			greeted(client.PostForm(addr+"/login", url.Values{"name": {"Ann"}}))
			client.CloseIdleConnections()
			stop()
			if strings.Contains(where, servertest.Password) || !strings.Contains(where, "the table sessions of") {
				t.Errorf("it says: %s", where)
			}
			addr, _, stop = start(t, store)
			greeted(client.Get(addr + "/"))
			client.CloseIdleConnections()
			stop()
		})
	}
}

func TestADatabaseThatIsNotThereIsAnErrorWithoutItsPassword(t *testing.T) {
	for _, store := range []string{
		"postgres://ann:secret@" + servertest.FreePort(t) + "/shop",
		"mysql://ann:secret@" + servertest.FreePort(t) + "/shop",
		"sqlite:/no/such/directory/secret",
	} {
		err := site.Run(t.Context(), []string{"-store", store}, io.Discard, databases.All())
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", store, err)
		}
	}
}

func TestSQLiteWithoutAFileIsRefused(t *testing.T) {
	for _, store := range []string{"sqlite:", "sqlite:?x=y", "sqlite::memory:"} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // a demo that starts ends at once
		if err := site.Run(ctx, []string{"-addr", "127.0.0.1:0", "-store", store}, io.Discard, databases.All()); err == nil || !strings.Contains(err.Error(), "wants a file") {
			t.Errorf("%s: %v", store, err)
		}
	}
}
