package token

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"slices"

	"golang.org/x/crypto/chacha20poly1305"
)

// Record layout: version, key id, 8 bytes of SHA-256(store key), 24 random bytes of nonce, XChaCha20-Poly1305 (RFC 8439 and
// draft-irtf-cfrg-xchacha) over the plaintext. What stands before the nonce, the store key and the cookie's name are
// additional data: a record opens only under the key, and for the cookie, for which it was sealed. Random nonces of 24
// bytes do not repeat in the life of any site.
const (
	checkStart = 1 + keyIDSize
	nonceStart = checkStart + 8
	sealStart  = nonceStart + chacha20poly1305.NonceSizeX
)

// Overhead is how many bytes a sealed record is longer than its plaintext.
const Overhead = sealStart + chacha20poly1305.Overhead

// What Open reports.
var (
	// ErrForeign: the record was sealed for another store key. The store's replies may have shifted.
	ErrForeign = errors.New("token: record belongs to another key")
	// ErrSealed: the record is damaged, forged, sealed with a secret that this ring does not have, or of a format that it
	// does not know.
	ErrSealed = errors.New("token: record cannot be opened")
)

// Seal appends the sealed plaintext to dst.
func (r *Ring) Seal(dst []byte, storeKey string, plaintext []byte) []byte {
	k := r.keys[0]
	s := r.scratch.Get().(*scratch)
	dst = slices.Grow(dst, len(plaintext)+Overhead)
	start := len(dst)
	dst = append(dst, version)
	dst = append(dst, k.id[:]...)
	s.data = append(s.data[:0], storeKey...)
	check := sha256.Sum256(s.data)
	dst = append(dst, check[:8]...)
	dst = dst[:start+sealStart]
	_, _ = rand.Read(dst[start+nonceStart:])
	s.data = r.additional(s.data[:0], dst[start:start+nonceStart], storeKey)
	dst = k.aead.Seal(dst, dst[start+nonceStart:start+sealStart], plaintext, s.data)
	r.scratch.Put(s)
	return dst
}

// Open opens a sealed record in place and returns the plaintext, which lies in sealed. Nothing in it is looked at before
// its tag has been verified.
func (r *Ring) Open(sealed []byte, storeKey string) ([]byte, error) {
	if len(sealed) < Overhead || sealed[0] != version {
		return nil, ErrSealed
	}
	s := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	s.data = r.additional(s.data[:0], sealed[:nonceStart], storeKey)
	for _, k := range r.keys {
		if [keyIDSize]byte(sealed[1:]) != k.id {
			continue
		}
		body := sealed[sealStart:]
		if plaintext, err := k.aead.Open(body[:0], sealed[nonceStart:sealStart], body, s.data); err == nil {
			return plaintext, nil
		}
		// Open has cleared the body: another secret with the same id, one in 2³², finds nothing to open.
		break
	}
	// The store key is under the tag as well: only of a record that does not open is it asked whose it is.
	s.data = append(s.data[:0], storeKey...)
	check := sha256.Sum256(s.data)
	if [8]byte(sealed[checkStart:]) != [8]byte(check[:]) {
		return nil, ErrForeign
	}
	return nil, ErrSealed
}

func (r *Ring) additional(b, header []byte, storeKey string) []byte {
	b = append(b, header...)
	b = append(b, storeKey...)
	b = append(b, 0)
	return append(b, r.name...)
}

// A RecordNonce tells two sealings apart, even of the same plaintext.
type RecordNonce [chacha20poly1305.NonceSizeX]byte

// Nonce returns a sealed record's nonce; the zero one of what is too short to have any.
func Nonce(sealed []byte) RecordNonce {
	if len(sealed) < sealStart {
		return RecordNonce{}
	}
	return RecordNonce(sealed[nonceStart:])
}
