//go:build !race

// The race detector makes pools forget: this test is for a build without it.

package token

import (
	"testing"
	"time"
)

func TestVerifyingAndSealingDoNotAllocate(t *testing.T) {
	r := ring(t, "__Host-session", "1")
	text := r.Sign(made(NewID(), time.Now()))
	long := r.Sign(Claims{ID: NewID(), Created: time.Now(), Roster: Roster{1}})
	forged := "A" + text[1:]
	plainOwner, key := []byte("ann"), r.StoreKey("", NewID())
	for name, f := range map[string]func(){
		"Verify":           func() { r.Verify(text) },
		"Verify a roster":  func() { r.Verify(long) },
		"Verify a forgery": func() { r.Verify(forged) },
		"Names":            func() { r.Names(Roster{1}, plainOwner) },
		"SumOf":            func() { SumOf(key) },
	} {
		if n := testing.AllocsPerRun(200, f); n > 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
	if r.format == formatGCM {
		return // a key for each record has its price
	}
	plain := make([]byte, 250)
	buf := make([]byte, 0, 250+Overhead)
	if n := testing.AllocsPerRun(200, func() {
		sealed := r.Seal(buf[:0], "key", plain)
		if _, err := r.Open(sealed, "key"); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("sealing and opening allocate %v times", n)
	}
}
