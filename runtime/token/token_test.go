package token

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

func ring(t testing.TB, name string, secrets ...string) *Ring {
	t.Helper()
	var bs [][]byte
	for _, s := range secrets {
		bs = append(bs, bytes.Repeat([]byte(s), MinSecret))
	}
	r, err := NewRing(name, bs)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestATokenSaysWhatWasSignedAndFitsInACookieOf128Bytes(t *testing.T) {
	r := ring(t, "__Host-admin-session", "a")
	id, now := NewID(), time.Unix(1_700_000_000, 123)
	text := r.Sign(id, now)
	if len(text) != Size || len("__Host-admin-session=")+Size >= 128 {
		t.Errorf("token has %d bytes", len(text))
	}
	gotID, created, ok := r.Verify(text)
	if !ok || gotID != id || !created.Equal(now) {
		t.Errorf("Verify = %x, %v, %v", gotID, created, ok)
	}
}

func TestNoChangedByteOfATokenVerifies(t *testing.T) {
	r := ring(t, "s", "a")
	text := r.Sign(NewID(), time.Now())
	for i := range text {
		for _, c := range "Aaz09-_=. \x00\xff" {
			forged := text[:i] + string(c) + text[i+1:]
			if _, _, ok := r.Verify(forged); ok && forged != text {
				t.Fatalf("verified with byte %d changed to %q", i, c)
			}
		}
	}
	for _, bad := range []string{"", text[:len(text)-1], text + "A", strings.Repeat("A", Size), strings.Repeat("A", 1<<20)} {
		if _, _, ok := r.Verify(bad); ok {
			t.Errorf("verified %d bytes of something else", len(bad))
		}
	}
}

func TestATokenHasOneText(t *testing.T) {
	r := ring(t, "s", "a")
	text := ""
	for !strings.HasSuffix(text, "AA") { // its last byte is zero, as what is left out may be taken for
		text = r.Sign(NewID(), time.Now())
	}
	for _, other := range []string{text[:Size-2] + "\r\n", "\n\n" + text[:Size-2], text[:Size-1] + "B", text[:Size-2] + "=="} {
		if _, _, ok := r.Verify(other); ok {
			t.Errorf("%q verifies as well as %q", other, text)
		}
	}
}

func TestNamesAndSecretsAreWorldsApart(t *testing.T) {
	a, b, other := ring(t, "a", "1"), ring(t, "b", "1"), ring(t, "a", "2")
	id := NewID()
	if _, _, ok := b.Verify(a.Sign(id, time.Now())); ok {
		t.Error("a token of one cookie verifies for another")
	}
	if _, _, ok := other.Verify(a.Sign(id, time.Now())); ok {
		t.Error("a token of one secret verifies with another")
	}
	if a.StoreKey("p:", id) == b.StoreKey("p:", id) {
		t.Error("two cookies share a store key")
	}
	if a.StoreKey("p:", id) != other.StoreKey("p:", id) {
		t.Error("the store key depends on the secret")
	}
	if _, err := b.Open(a.Seal(nil, "k", []byte("x")), "k"); !errors.Is(err, ErrSealed) {
		t.Errorf("a record of one cookie opens for another: %v", err)
	}
}

func TestRotationLosesNobody(t *testing.T) {
	before, during, after := ring(t, "s", "1"), ring(t, "s", "2", "1"), ring(t, "s", "2")
	id := NewID()
	old, new := before.Sign(id, time.Now()), during.Sign(id, time.Now())
	for _, step := range []struct {
		name string
		r    *Ring
		text string
		ok   bool
	}{
		{"old token, both secrets", during, old, true},
		{"new token, both secrets", during, new, true},
		{"new token on a server that has it appended", ring(t, "s", "1", "2"), new, true},
		{"new token, new secret", after, new, true},
		{"old token, new secret", after, old, false},
	} {
		if _, _, ok := step.r.Verify(step.text); ok != step.ok {
			t.Errorf("%s: verified is %v", step.name, ok)
		}
	}
	if plain, err := during.Open(before.Seal(nil, "k", []byte("data")), "k"); err != nil || string(plain) != "data" {
		t.Errorf("a record of the old secret: %q, %v", plain, err)
	}
}

func TestARecordOpensOnlyWholeAndUnderItsKey(t *testing.T) {
	r := ring(t, "s", "1")
	sealed := r.Seal(nil, "key", []byte("the fields"))
	if len(sealed) != len("the fields")+Overhead {
		t.Errorf("overhead is %d", len(sealed)-len("the fields"))
	}
	if _, err := r.Open(bytes.Clone(sealed), "another"); !errors.Is(err, ErrForeign) {
		t.Errorf("under another key: %v", err)
	}
	for i := range sealed {
		damaged := bytes.Clone(sealed)
		damaged[i] ^= 1
		if _, err := r.Open(damaged, "key"); err == nil {
			t.Fatalf("opened with byte %d changed", i)
		}
		if _, err := r.Open(bytes.Clone(sealed[:i]), "key"); err == nil {
			t.Fatalf("opened %d bytes of it", i)
		}
	}
	if plain, err := r.Open(sealed, "key"); err != nil || string(plain) != "the fields" {
		t.Errorf("Open = %q, %v", plain, err)
	}
	if bytes.Equal(r.Seal(nil, "key", nil), r.Seal(nil, "key", nil)) {
		t.Error("sealing twice gives the same bytes")
	}
}

func TestSecretsAreChecked(t *testing.T) {
	if _, err := NewRing("s", nil); err == nil {
		t.Error("no secret is accepted")
	}
	_, err := NewRing("s", [][]byte{bytes.Repeat([]byte("x"), 32), []byte("too short")})
	if err == nil || strings.Contains(err.Error(), "too short") {
		t.Errorf("a short secret: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	r := ring(f, "s", "1")
	f.Add(r.Sign(NewID(), time.Now()))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		id, created, ok := r.Verify(text)
		if ok && r.Sign(id, created) != text {
			t.Errorf("%q verifies and was not signed", text)
		}
	})
}

func FuzzOpen(f *testing.F) {
	r := ring(f, "s", "1")
	f.Add(r.Seal(nil, "k", []byte("x")))
	f.Add([]byte{version})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		_, _ = r.Open(sealed, "k")
	})
}
