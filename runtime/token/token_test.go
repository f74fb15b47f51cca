package token

import (
	"bytes"
	"crypto/fips140"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"
)

func ring(t testing.TB, name string, secrets ...string) *Ring {
	t.Helper()
	var bs [][]byte
	for _, s := range secrets {
		bs = append(bs, secret(s))
	}
	r, err := NewRing("example.com/shop.Session", name, bs)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func secret(name string) []byte {
	sum := sha256.Sum256([]byte(name))
	return sum[:]
}

func made(id ID, at time.Time) Claims { return Claims{ID: id, Created: at} }

func TestATokenSaysWhatWasSignedAndFitsInACookie(t *testing.T) {
	r := ring(t, "__Host-admin-session", "a")
	for name, c := range map[string]struct {
		claims    Claims
		size, max int
	}{
		"plain":              {Claims{ID: NewID(), Created: time.Unix(1_700_000_000, 123)}, Size, 128},
		"with unknown flags": {Claims{ID: NewID(), Created: time.Unix(0, 0), Flags: 0xff}, Size, 128},
		"with a roster":      {Claims{ID: NewID(), Created: time.Unix(1, 0), Flags: 1, Roster: Roster(NewID())}, SizeWithRoster, 160},
	} {
		text := r.Sign(c.claims)
		if len(text) != c.size || len("__Host-admin-session=")+len(text) >= c.max {
			t.Errorf("%s: token has %d bytes", name, len(text))
		}
		got, ok := r.Verify(text)
		if !ok || !got.Created.Equal(c.claims.Created) {
			t.Errorf("%s: Verify = %v, %v", name, got, ok)
		}
		if got.Created = c.claims.Created; got != c.claims {
			t.Errorf("%s: Verify = %v, want %v", name, got, c.claims)
		}
		if r.Sign(got) != text {
			t.Errorf("%s: what it says is signed as another token", name)
		}
	}
}

func TestNoChangedByteOfATokenVerifies(t *testing.T) {
	r := ring(t, "s", "a")
	for _, roster := range []Roster{{}, {1}} {
		noChangedByteVerifies(t, r, r.Sign(Claims{ID: NewID(), Created: time.Now(), Roster: roster}))
	}
}

func noChangedByteVerifies(t *testing.T, r *Ring, text string) {
	for i := range text {
		for _, c := range "Aaz09-_=. \x00\xff" {
			forged := text[:i] + string(c) + text[i+1:]
			if _, ok := r.Verify(forged); ok && forged != text {
				t.Fatalf("verified with byte %d changed to %q", i, c)
			}
		}
	}
	for _, bad := range []string{"", text[:len(text)-1], text + "A", strings.Repeat("A", Size), strings.Repeat("A", SizeWithRoster), strings.Repeat("A", 1<<20)} {
		if _, ok := r.Verify(bad); ok {
			t.Errorf("verified %d bytes of something else", len(bad))
		}
	}
}

func TestATokenHasOneText(t *testing.T) {
	r := ring(t, "s", "a")
	text := ""
	for !strings.HasSuffix(text, "AA") { // its last byte is zero, as what is left out may be taken for
		text = r.Sign(made(NewID(), time.Now()))
	}
	for _, other := range []string{text[:Size-2] + "\r\n", "\n\n" + text[:Size-2], text[:Size-1] + "B", text[:Size-2] + "=="} {
		if _, ok := r.Verify(other); ok {
			t.Errorf("%q verifies as well as %q", other, text)
		}
	}
}

func TestSchemasNamesAndSecretsAreWorldsApart(t *testing.T) {
	with := func(identity, cookie, name string) *Ring {
		r, err := NewRing(identity, cookie, [][]byte{secret(name)})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	id := NewID()
	a := with("shop.Session", "session", "1")
	for name, b := range map[string]*Ring{
		"another cookie":                with("shop.Session", "other", "1"),
		"another schema":                with("shop.Admin", "session", "1"),
		"the names the other way round": with("session", "shop.Session", "1"),
		"the names cut elsewhere":       with("hop.Session", "sessions", "1"),
		"the names cut elsewhere too":   with("nshop.Session", "sessio", "1"),
		"another secret":                with("shop.Session", "session", "2"),
	} {
		if _, ok := b.Verify(a.Sign(made(id, time.Now()))); ok {
			t.Errorf("%s: the token verifies", name)
		}
		if _, err := b.Open(a.Seal(nil, "k", []byte("x")), "k"); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: the record opens: %v", name, err)
		}
		if same := a.StoreKey("p:", id) == b.StoreKey("p:", id); same != (name == "another secret") {
			t.Errorf("%s: one store key: %v", name, same)
		}
		// What a leaked key of another scope would let through, if the scope were only in the keys.
		b.keys = a.keys
		if name == "another secret" {
			continue
		}
		if _, ok := b.Verify(a.Sign(made(id, time.Now()))); ok {
			t.Errorf("%s: the token verifies with the same keys", name)
		}
		if _, err := b.Open(a.Seal(nil, "k", []byte("x")), "k"); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: the record opens with the same keys: %v", name, err)
		}
	}
	for _, bad := range [][2]string{{"", "session"}, {"shop", ""}, {"sh\x00op", "session"}, {"shop", "sess\x00ion"}} {
		if _, err := NewRing(bad[0], bad[1], [][]byte{secret("1")}); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestRotationLosesNobody(t *testing.T) {
	before, during, after := ring(t, "s", "1"), ring(t, "s", "2", "1"), ring(t, "s", "2")
	id := NewID()
	old, new := before.Sign(made(id, time.Now())), during.Sign(made(id, time.Now()))
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
		if _, ok := step.r.Verify(step.text); ok != step.ok {
			t.Errorf("%s: verified is %v", step.name, ok)
		}
	}
	if plain, err := during.Open(before.Seal(nil, "k", []byte("data")), "k"); err != nil || string(plain) != "data" {
		t.Errorf("a record of the old secret: %q, %v", plain, err)
	}
}

func TestARecordOpensOnlyWholeAndUnderItsKey(t *testing.T) {
	for _, format := range []byte{formatXChaCha, formatGCM} {
		if format == formatXChaCha && fips140.Enforced() {
			continue
		}
		r := ring(t, "s", "1")
		r.format = format
		opensOnlyWhole(t, r)
	}
}

func opensOnlyWhole(t *testing.T, r *Ring) {
	sealed := r.Seal(nil, "key", []byte("the fields"))
	if len(sealed) != len("the fields")+r.Overhead() {
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

func FuzzVerify(f *testing.F) {
	r := ring(f, "s", "1")
	f.Add(r.Sign(made(NewID(), time.Now())))
	f.Add(r.Sign(Claims{ID: NewID(), Created: time.Now(), Flags: 2, Roster: Roster{1}}))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := r.Verify(text)
		if ok && r.Sign(c) != text {
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
