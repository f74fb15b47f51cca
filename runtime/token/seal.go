package token

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/chacha20poly1305"
)

// Record layout: format, key id, 8 bytes of SHA-256(store key), 24 random bytes, and by format the plaintext sealed
// with
//
//	1  XChaCha20-Poly1305 (RFC 8439 and draft-irtf-cfrg-xchacha), the random bytes being the nonce
//	2  AES-256-GCM (NIST SP 800-38D) under a key of its own, HKDF-SHA256 with the random bytes as salt; its own 12 random
//	   bytes of nonce stand before it. So only approved algorithms are used, and the 2³² records that a key with random
//	   nonces is good for are one record.
//
// A program in FIPS 140 mode seals format 2, any other format 1, which is as safe and quicker. Each opens what its mode
// allows: fips140=only knows no XChaCha20.
//
// The bytes before the random ones, the store key and the ring's scope are additional data: a record opens only under
// the key, for the cookie and for the schema for which it was sealed. 24 random bytes do not repeat in the life of any
// site.
const (
	formatXChaCha = 1
	formatGCM     = 2

	checkStart = 1 + keyIDSize
	nonceStart = checkStart + 8
	sealStart  = nonceStart + chacha20poly1305.NonceSizeX

	tagSize      = 16 // of both formats
	gcmNonceSize = 12
)

// Overhead is by how many bytes a sealed record is longer than its plaintext, outside FIPS mode.
const Overhead = sealStart + tagSize

// The errors of Open.
var (
	// ErrForeign: the record was sealed for another store key. The store's replies may have shifted.
	ErrForeign = errors.New("token: record belongs to another key")
	// ErrSealed: the record is damaged, forged, sealed with a secret that this ring does not have, or of a format that it
	// does not know or may not open.
	ErrSealed = errors.New("token: record cannot be opened")
)

// Overhead is by how many bytes a record that the ring seals is longer than its plaintext.
func (r *Ring) Overhead() int {
	if r.format == formatXChaCha {
		return Overhead
	}
	return Overhead + gcmNonceSize
}

// Seal appends the sealed plaintext to dst.
func (r *Ring) Seal(dst []byte, storeKey string, plaintext []byte) []byte {
	k := r.keys[0]
	s := r.scratch.Get().(*scratch)
	dst = slices.Grow(dst, len(plaintext)+r.Overhead())
	start := len(dst)
	dst = append(dst, r.format)
	dst = append(dst, k.id[:]...)
	s.data = append(s.data[:0], storeKey...)
	check := sha256.Sum256(s.data)
	dst = append(dst, check[:8]...)
	dst = dst[:start+sealStart]
	random := dst[start+nonceStart:]
	_, _ = rand.Read(random)
	s.data = r.additional(s.data[:0], dst[start:start+nonceStart], storeKey)
	if r.format == formatXChaCha {
		dst = k.xaead.Seal(dst, random, plaintext, s.data)
	} else {
		dst = k.recordCipher(random).Seal(dst, nil, plaintext, s.data)
	}
	r.scratch.Put(s)
	return dst
}

// Open opens a sealed record in place and returns the plaintext, which lies in sealed. Nothing in it is looked at
// before its tag has been verified.
func (r *Ring) Open(sealed []byte, storeKey string) ([]byte, error) {
	if len(sealed) < Overhead || sealed[0] != formatXChaCha && sealed[0] != formatGCM {
		return nil, ErrSealed
	}
	s := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	s.data = r.additional(s.data[:0], sealed[:nonceStart], storeKey)
	for _, k := range r.keys {
		if [keyIDSize]byte(sealed[1:]) != k.id {
			continue
		}
		if plaintext, err := k.open(sealed, s.data); err == nil {
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

func (k *key) open(sealed, additional []byte) ([]byte, error) {
	random, body := sealed[nonceStart:sealStart], sealed[sealStart:]
	switch {
	case sealed[0] == formatGCM:
		return k.recordCipher(random).Open(body[:0], nil, body, additional)
	case k.xaead != nil:
		return k.xaead.Open(body[:0], random, body, additional)
	}
	return nil, ErrSealed
}

// recordCipher returns what seals and opens the one record with these random bytes.
func (k *key) recordCipher(random []byte) cipher.AEAD {
	key, err := hkdf.Key(sha256.New, k.record, random, "sessiongen record key", 32)
	if err != nil {
		panic(fmt.Sprintf("token: HKDF refuses an approved use: %v", err))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(fmt.Sprintf("token: AES refuses a key of 32 bytes: %v", err))
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(fmt.Sprintf("token: GCM refuses AES: %v", err))
	}
	return aead
}

func (r *Ring) additional(b, header []byte, storeKey string) []byte {
	b = append(b, header...)
	b = append(b, storeKey...)
	b = append(b, 0)
	return append(b, r.scope...)
}

// A RecordNonce tells two sealings apart, even of the same plaintext.
type RecordNonce [chacha20poly1305.NonceSizeX]byte

// Nonce returns the random bytes of a sealed record; the zero ones of what is too short to have any.
func Nonce(sealed []byte) RecordNonce {
	if len(sealed) < sealStart {
		return RecordNonce{}
	}
	return RecordNonce(sealed[nonceStart:])
}
