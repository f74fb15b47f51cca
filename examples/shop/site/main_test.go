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

func TestTheCartSurvivesARestart(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	t.Setenv("SESSION_SECRET", "")
	for name, args := range map[string][]string{
		"by default":  nil,
		"in a file":   {"-file", filepath.Join(cache, "other.db")},
		"in a SQLite": {"-store", "sqlite:" + filepath.Join(cache, "sessions.sqlite")},
	} {
		t.Run(name, func(t *testing.T) {
			v := (&site{}).visitor(t)
			v.client.Transport = &http.Transport{DisableKeepAlives: true}
			addr, stop := start(t, args...)
			v.post(addr + "/cart/mug/add")
			stop()
			addr, stop = start(t, args...)
			defer stop()
			_, body := v.get(addr + "/cart")
			v.wants(body, "Morning mug")
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
