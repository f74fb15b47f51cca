//go:build unix

package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
)

// start runs the shop as its command does and returns its address, and a function that ends it.
func start(t *testing.T, args ...string) (addr string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), w)
		_ = w.CloseWithError(err)
		done <- err
	}()
	var said []byte
	one := make([]byte, 1)
	for !bytes.Contains(said, []byte("stops.\n")) {
		if _, err := r.Read(one); err != nil {
			t.Fatalf("%v, after %s", err, said)
		}
		said = append(said, one...)
	}
	addr = string(regexp.MustCompile(`Open (http://[^ ]+)\. `).FindSubmatch(said)[1])
	return addr, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// until asks for a page that shows a mug in the cart, again where a slow machine's store has not answered in time.
func (v *visitor) until(ask func() (*http.Response, string)) {
	v.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		resp, body := ask()
		if resp.StatusCode != http.StatusServiceUnavailable || time.Now().After(deadline) {
			v.wants(body, "Morning mug")
			return
		}
	}
}

func TestTheCartSurvivesARestartOnEveryStore(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	t.Setenv("SESSION_SECRET", "")
	const login = servertest.Site + ":" + servertest.Password
	for name, at := range map[string]func(t *testing.T) []string{
		"by default": func(*testing.T) []string { return nil },
		"file":       func(*testing.T) []string { return []string{"-file", filepath.Join(cache, "other.db")} },
		"SQLite": func(*testing.T) []string {
			return []string{"-store", "sqlite:" + filepath.Join(cache, "sessions.sqlite")}
		},
		"memcached": func(t *testing.T) []string {
			return []string{"-store", "memcached://" + servertest.Memcached(t).Addr()}
		},
		"Redis": func(t *testing.T) []string { return []string{"-store", "redis://" + servertest.Redis(t).Addr()} },
		"PostgreSQL": func(t *testing.T) []string {
			return []string{"-store", "postgres://" + login + "@" + servertest.Postgres(t).Addr() + "/" + servertest.Site}
		},
		"MariaDB": func(t *testing.T) []string {
			return []string{"-store", "mysql://" + login + "@" + servertest.MariaDB(t).Addr() + "/" + servertest.Site}
		},
	} {
		t.Run(name, func(t *testing.T) {
			args := at(t)
			v := (&site{}).visitor(t)
			v.client.Transport = &http.Transport{DisableKeepAlives: true}
			addr, stop := start(t, args...)
			v.until(func() (*http.Response, string) { return v.post(addr+"/cart/mug/add", "back", "/cart") })
			stop()
			addr, stop = start(t, args...)
			defer stop()
			v.until(func() (*http.Response, string) { return v.get(addr + "/cart") })
		})
	}
	dir, err := directory()
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "secret")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret is %v, %v", info, err)
	}
}

func TestTheShopServesOnLoopbackAlone(t *testing.T) {
	err := run(t.Context(), []string{"-addr", "0.0.0.0:0", "-store", "memory:"}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "not a loopback address") {
		t.Errorf("run on every address: %v", err)
	}
}
