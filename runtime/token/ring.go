// Package token makes and checks what leaves the process: the cookie's value, the key under which a store keeps a
// record, and the sealed record itself.
//
// All of it hangs on a Ring of secrets. From each secret, the cookie's name and the schema's identity HKDF (RFC 5869)
// derives one key for each use, so that managers with different cookies or schemas share nothing, and a key that leaks
// from one use opens no other. The first secret signs and seals; every one verifies and opens, which is what makes
// rotation possible without a logout.
//
// In FIPS 140 mode (crypto/fips140) only approved algorithms sign and seal.
//
// The package knows no HTTP, no store and no fields.
package token

import (
	"crypto/cipher"
	"crypto/fips140"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"strings"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"
)

const keyIDSize = 4

// A Ring signs, verifies, seals and opens for one cookie name of one schema. It is immutable and safe for concurrent
// use.
type Ring struct {
	// scope is the cookie's name and the schema's identity, each with a zero byte behind it that neither can contain: no
	// two pairs are the same bytes.
	scope []byte
	// storeScope is the same, identity first: a store key is its hash.
	storeScope []byte

	format  byte // of the records that it seals
	keys    []*key
	scratch sync.Pool // *scratch
}

type key struct {
	id     [keyIDSize]byte
	xaead  cipher.AEAD // nil where the mode forbids it
	record []byte      // from which the keys of approved records are derived
	macs   sync.Pool   // hash.Hash, keyed

	rosters sync.Pool // hash.Hash, keyed
}

// scratch is memory for one operation, so that none allocates.
type scratch struct {
	token [maxToken]byte
	text  [SizeWithRoster]byte
	sum   [sha256.Size]byte
	data  []byte
}

// NewRing derives the keys. Neither identity nor cookie may be empty or contain a zero byte. A fault of the secrets
// CheckSecret says; its errors count secrets and never show one.
func NewRing(identity, cookie string, secrets [][]byte) (*Ring, error) {
	for name, text := range map[string]string{"identity": identity, "cookie's name": cookie} {
		if text == "" || strings.Contains(text, "\x00") {
			return nil, fmt.Errorf("the %s %q is empty or has a zero byte", name, text)
		}
	}
	if err := checkSecrets(secrets); err != nil {
		return nil, err
	}
	r := &Ring{
		scope:      []byte(cookie + "\x00" + identity + "\x00"),
		storeScope: []byte(identity + "\x00" + cookie + "\x00"),
		format:     formatXChaCha,
	}
	if fips140.Enabled() {
		r.format = formatGCM
	}
	r.scratch.New = func() any { return new(scratch) }
	for i, secret := range secrets {
		k, err := newKey(string(r.scope), secret)
		if err != nil {
			return nil, fmt.Errorf("secret %d of %d: %w", i+1, len(secrets), err)
		}
		r.keys = append(r.keys, k)
	}
	return r, nil
}

func newKey(scope string, secret []byte) (*key, error) {
	var errs []error
	derive := func(use string, size int) []byte {
		b, err := hkdf.Key(sha256.New, secret, nil, use, size)
		errs = append(errs, err)
		return b
	}
	id := derive("id", keyIDSize) // the same in every scope: it says which secret, not which key
	sign := derive("sessiongen cookie\x00"+scope, sha256.Size)
	seal := derive("sessiongen record\x00"+scope, chacha20poly1305.KeySize)
	roster := derive("sessiongen roster\x00"+scope, sha256.Size)
	record := derive("sessiongen approved record\x00"+scope, sha256.Size)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	k := &key{id: [keyIDSize]byte(id), record: record}
	var err error
	if k.xaead, err = chacha20poly1305.NewX(seal); err != nil {
		if !fips140.Enabled() {
			return nil, err
		}
		k.xaead = nil // GODEBUG=fips140=only
	}
	k.macs.New = func() any { return hmac.New(sha256.New, sign) }
	k.rosters.New = func() any { return hmac.New(sha256.New, roster) }
	return k, nil
}

// mac computes HMAC-SHA256 over the ring's scope and the signed part of a token. The scope ends where its second zero
// byte is, so that what is signed may have any length.
func (r *Ring) mac(k *key, sum, signed []byte) []byte {
	h := k.macs.Get().(hash.Hash)
	h.Reset()
	h.Write(r.scope)
	h.Write(signed)
	sum = h.Sum(sum)
	k.macs.Put(h)
	return sum
}
