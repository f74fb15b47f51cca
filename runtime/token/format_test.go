package token

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// Servers of two versions share cookies and records while one replaces the other: what is written here is what was
// written before.
func TestTheFormatsDoNotChange(t *testing.T) {
	r := ring(t, "__Host-session", "k")
	id := ID{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	created := time.Unix(1_900_000_000, 123_456_789)

	const token = "AaE6BNUAAQIDBAUGBwgJCgsMDQ4PGl4n7viZzRWqLxnU-amF6Rpo96XEsuf8vZDEXcS9mWAjqZ8Wbkc7fw"
	if got := r.Sign(id, created); got != token {
		t.Errorf("Sign = %s", got)
	}
	if got, at, ok := r.Verify(token); !ok || got != id || !at.Equal(created) {
		t.Errorf("Verify = %x, %v, %v", got, at, ok)
	}
	const key = "shop:H6DzmyntTxQ-EMxvHtM80jq5H8oTkQ6KXaTUO-6RLfE"
	if got := r.StoreKey("shop:", id); got != key {
		t.Errorf("StoreKey = %s", got)
	}
	sealed, err := base64.RawStdEncoding.DecodeString("AaE6BNVR7jiqEXxsEKi4MU7xSbS4u545J75KSWEXNSLlX4US3z6NXiPUKnVYOVPrkL8XGk77tzFnc/xJ9h9+")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.Open(sealed, key); err != nil || string(got) != "the fields" {
		t.Errorf("Open = %q, %v", got, err)
	}
}

func TestAKeyIDMeansTheSameSecretWhereverItStandsAndWhateverTheCookie(t *testing.T) {
	first, second, other := ring(t, "a", "1", "2"), ring(t, "a", "2", "1"), ring(t, "b", "1")
	if first.keys[0].id != second.keys[1].id || first.keys[1].id != second.keys[0].id || first.keys[0].id != other.keys[0].id {
		t.Error("the id of a secret depends on more than the secret")
	}
	if first.keys[0].id == first.keys[1].id {
		t.Error("two secrets share an id")
	}
}

func TestAStoreKeyIsPlainASCIIAndShowsNothingOfTheID(t *testing.T) {
	r := ring(t, "s", "1")
	seen := make(map[string]bool)
	for range 1000 {
		id := NewID()
		key := r.StoreKey("p:", id)
		if seen[key] || len(key) != len("p:")+StoreKeySize || strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c >= 0x7f }) {
			t.Fatalf("key %q", key)
		}
		seen[key] = true
		for _, text := range []string{fmt.Sprintf("%x", id), base64.RawURLEncoding.EncodeToString(id[:]), string(id[:])} {
			if strings.Contains(key, text) {
				t.Fatalf("key %q shows the id %x", key, id)
			}
		}
	}
}

func TestARecordOfAnotherFormatOrSecretIsSealed(t *testing.T) {
	r := ring(t, "s", "1")
	for name, sealed := range map[string][]byte{
		"nil":            nil,
		"too short":      make([]byte, Overhead-1),
		"only zeros":     make([]byte, Overhead),
		"another format": append([]byte{version + 1}, r.Seal(nil, "k", nil)[1:]...),
		"another secret": ring(t, "s", "2").Seal(nil, "k", nil),
		"another cookie": ring(t, "t", "1").Seal(nil, "k", nil),
	} {
		if plain, err := r.Open(sealed, "k"); !errors.Is(err, ErrSealed) || plain != nil {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
		_ = Nonce(sealed)
	}
}

func TestSealingAppendsAndOpeningIsInPlace(t *testing.T) {
	r := ring(t, "s", "1")
	sealed := r.Seal([]byte("before"), "k", []byte("plain"))
	if !bytes.HasPrefix(sealed, []byte("before")) {
		t.Fatalf("%q", sealed)
	}
	sealed = sealed[len("before"):]
	nonce := Nonce(sealed)
	plain, err := r.Open(sealed, "k")
	if err != nil || string(plain) != "plain" {
		t.Fatalf("%q, %v", plain, err)
	}
	if &plain[0] != &sealed[sealStart] {
		t.Error("the plaintext was copied")
	}
	if nonce != Nonce(sealed) || nonce == (RecordNonce{}) {
		t.Errorf("nonce %x", nonce)
	}
}

func TestARingIsSafeForConcurrentUse(t *testing.T) {
	r := ring(t, "s", "1", "2")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 100 {
				id, at := NewID(), time.Unix(0, int64(i))
				if got, created, ok := r.Verify(r.Sign(id, at)); !ok || got != id || !created.Equal(at) {
					t.Errorf("Verify = %x, %v, %v", got, created, ok)
				}
				key := r.StoreKey("", id)
				if plain, err := r.Open(r.Seal(nil, key, id[:]), key); err != nil || !bytes.Equal(plain, id[:]) {
					t.Errorf("Open = %x, %v", plain, err)
				}
			}
		})
	}
	wg.Wait()
}
