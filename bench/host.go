//go:build unix

package main

import (
	"fmt"
	"os"
	"testing"
)

// A host is what servertest takes for a test: it says what a server needs, and ends the servers.
type host struct {
	testing.TB
	cleanups []func()
}

func (h *host) Helper()          {}
func (h *host) Cleanup(f func()) { h.cleanups = append(h.cleanups, f) }

// TempDir is removed with the servers.
func (h *host) TempDir() string {
	dir, err := os.MkdirTemp("", "bench")
	must(err)
	h.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (h *host) Fatalf(format string, args ...any) {
	h.end()
	must(fmt.Errorf(format, args...))
}

func (h *host) Skipf(format string, args ...any) { h.Fatalf(format, args...) }

func (h *host) end() {
	for len(h.cleanups) > 0 {
		last := h.cleanups[len(h.cleanups)-1]
		h.cleanups = h.cleanups[:len(h.cleanups)-1]
		last()
	}
}
