package file_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/file"
)

// smallDisk mounts a file system of 4 MiB, which only root may.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("cannot mount a small file system: %v", err)
		}
		t.Skipf("cannot mount a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestAFullDiskIsUnavailableAndLosesNothing(t *testing.T) {
	dir, ctx := smallDisk(t), t.Context()
	path, ballast := filepath.Join(dir, "sessions.db"), filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, path, file.Options{}, file.Env{})
	value := strings.Repeat("v", 20_000)
	kept := make(map[string]session.Version)
	fill := func() (refused error) {
		for i := len(kept); i < 10_000; i++ {
			key := fmt.Sprint(i)
			if err := s.Add(ctx, key, []byte(key+value), time.Hour); err != nil {
				return err
			}
			_, kept[key] = get(t, s, key)
		}
		t.Fatal("the disk is never full")
		return nil
	}
	whole := func(s *file.Store) {
		t.Helper()
		for key, v := range kept {
			if got, after := get(t, s, key); got != key+value || after != v {
				t.Fatalf("%s has changed", key)
			}
		}
	}
	refusals := func() {
		t.Helper()
		for range 3 {
			if err := s.Add(ctx, "one more", []byte(value), time.Hour); !errors.Is(err, session.ErrUnavailable) || !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("Add: %v", err)
			}
		}
		if err := s.Swap(ctx, "0", []byte(strings.Repeat(value, 10)), kept["0"], time.Hour); !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("Swap: %v", err)
		}
		if err := s.Touch(ctx, "0", time.Hour); err != nil {
			t.Errorf("Touch: %v", err)
		}
		if _, _, err := s.Get(ctx, "one more"); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("what was refused: %v", err)
		}
		whole(s)
	}
	makeRoom := func() {
		t.Helper()
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	}

	if err := fill(); !errors.Is(err, session.ErrUnavailable) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Add: %v", err)
	}
	n := len(kept)
	refusals()
	whole(open(t, copyFile(t, path), file.Options{}, file.Env{})) // what a crash would leave

	makeRoom()
	if err := fill(); !errors.Is(err, session.ErrUnavailable) || len(kept) < n+20 {
		t.Errorf("%d records with less room, %d with more: %v", n, len(kept), err)
	}
	refusals()
	_ = s.Close() // the touches have no room; the rest has been written long ago
	check(t, path)
	s = open(t, path, file.Options{}, file.Env{})
	whole(s)
	if err := s.Delete(ctx, "0"); err != nil {
		t.Logf("not even a Delete has room: %v", err)
	}
}
