package token

import (
	"bytes"
	"crypto/fips140"
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

	const long = "AQXmQrpsAAECAwQFBgcICQoLDA0ODxpeJ-74mc0VDw4NDAsKCQgHBgUEAwIBAOXZ61_m7ZokE9mub_dJZS7NYFAqAlcrNEUieO8uBzq_"
	const token = "AQXmQrpsAAECAwQFBgcICQoLDA0ODxpeJ-74mc0V7AlysEyZ9zwz8S-heP5cwK0xk0JZbPL4RNlodl1p4bc"
	claims := Claims{ID: id, Created: created, Flags: 5}
	if got := r.Sign(claims); got != token {
		t.Errorf("Sign = %s", got)
	}
	claims.Roster = Roster{15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}
	if got := r.Sign(claims); got != long {
		t.Errorf("Sign with a roster = %s", got)
	}
	const key = "shop:5LAgPLMkla0AonJfVTVgQzss_z_3dYerbZu8U2C9qtk"
	if got := r.StoreKey("shop:", id); got != key {
		t.Errorf("StoreKey = %s", got)
	}
	for format, text := range map[byte]string{
		formatXChaCha: "AeZCumyzpVm2Dlx8Buh9n80kkE8dTHhp5RCKx95wcT4w6oijDqr3kqmU7TN67nf5yvxm42zrDC4B/q0Awkh1",
		formatGCM:     "AuZCumyzpVm2Dlx8Bl5akjdQJF2gKL05mpwPPBS0Wt2jVh2g2PFnkNXcEF1z0YKsSgokOqUM5KPIySXU+GfDwfgGBltf2CNrF2kr",
	} {
		sealed, err := base64.RawStdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if sealed[0] != format {
			t.Errorf("format %d", sealed[0])
		}
		if fips140.Enforced() && format == formatXChaCha {
			continue
		}
		if got, err := r.Open(sealed, key); err != nil || string(got) != "the fields" {
			t.Errorf("format %d: Open = %q, %v", format, got, err)
		}
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
		"another format": append([]byte{formatGCM + 1}, r.Seal(nil, "k", nil)[1:]...),
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
				if got, ok := r.Verify(r.Sign(made(id, at))); !ok || got.ID != id || !got.Created.Equal(at) {
					t.Errorf("Verify = %v, %v", got, ok)
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
