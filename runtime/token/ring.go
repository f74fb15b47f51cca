// Package token makes and checks what leaves the process: the cookie's value, the key under which a store keeps a record,
// and the sealed record itself.
//
// All of it hangs on a Ring of secrets. From each secret and the cookie's name HKDF (RFC 5869) derives one key for each
// use, so that managers with different cookies share nothing, and a key that leaks from one use opens no other. The first
// secret signs and seals; every one verifies and opens, which is what makes rotation possible without a logout.
//
// The package knows no HTTP, no store and no fields.
package token

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"
)

// MinSecret is the fewest bytes of a secret: the strength of the 256-bit keys that are derived from it.
const MinSecret = 32

const keyIDSize = 4

// A Ring signs, verifies, seals and opens for one cookie name. It is immutable and safe for concurrent use.
type Ring struct {
	name    string
	keys    []*key
	scratch sync.Pool // *scratch
}

type key struct {
	id   [keyIDSize]byte
	aead cipher.AEAD
	macs sync.Pool // hash.Hash, keyed
}

// scratch is memory for one operation, so that none allocates.
type scratch struct {
	token [tokenSize]byte
	text  [tokenText]byte
	sum   [sha256.Size]byte
	data  []byte
}

// NewRing derives the keys. Its errors count secrets and never show one.
func NewRing(cookie string, secrets [][]byte) (*Ring, error) {
	if len(secrets) == 0 {
		return nil, errors.New("no secret")
	}
	r := &Ring{name: cookie}
	r.scratch.New = func() any { return new(scratch) }
	for i, secret := range secrets {
		if len(secret) < MinSecret {
			return nil, fmt.Errorf("secret %d of %d has %d bytes, at least %d are needed", i+1, len(secrets), len(secret), MinSecret)
		}
		k, err := newKey(cookie, secret)
		if err != nil {
			return nil, fmt.Errorf("secret %d of %d: %w", i+1, len(secrets), err)
		}
		r.keys = append(r.keys, k)
	}
	return r, nil
}

func newKey(cookie string, secret []byte) (*key, error) {
	derive := func(use string, size int) ([]byte, error) { return hkdf.Key(sha256.New, secret, nil, use, size) }
	// The id is the same under every name: it says which secret, not which key.
	id, err := derive("id", keyIDSize)
	if err != nil {
		return nil, err
	}
	sign, err := derive("sessiongen cookie\x00"+cookie, sha256.Size)
	if err != nil {
		return nil, err
	}
	seal, err := derive("sessiongen record\x00"+cookie, chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	k := &key{id: [keyIDSize]byte(id)}
	if k.aead, err = chacha20poly1305.NewX(seal); err != nil {
		return nil, err
	}
	k.macs.New = func() any { return hmac.New(sha256.New, sign) }
	return k, nil
}

// mac computes HMAC-SHA256 over the signed part of a token and the cookie's name.
func (k *key) mac(sum, signed []byte, name []byte) []byte {
	h := k.macs.Get().(hash.Hash)
	h.Reset()
	h.Write(signed)
	h.Write(name)
	sum = h.Sum(sum)
	k.macs.Put(h)
	return sum
}
