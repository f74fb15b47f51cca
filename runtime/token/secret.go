package token

import (
	"bytes"
	"errors"
	"fmt"
)

// MinSecret is the fewest bytes of a secret: the strength of the 256-bit keys that are derived from it.
const MinSecret = 32

// minWords is the fewest bytes of a secret that is nothing but words. A word of a list of 7,776 (Diceware) holds 12.9
// bits and takes five letters and a separator: 128 bits are ten words, some 60 bytes. Secrets that people make up hold
// less.
const minWords = 60

// minDistinct is the fewest different bytes of a secret.
const minDistinct = 8

func checkSecrets(secrets [][]byte) error {
	if len(secrets) == 0 {
		return errors.New("no secret")
	}
	for i, secret := range secrets {
		if err := CheckSecret(secret); err != nil {
			return fmt.Errorf("secret %d of %d %w", i+1, len(secrets), err)
		}
		for j, earlier := range secrets[:i] {
			if bytes.Equal(secret, earlier) {
				return fmt.Errorf("secret %d of %d is the same as secret %d", i+1, len(secrets), j+1)
			}
		}
	}
	return nil
}

// CheckSecret refuses what is certainly no secret: too few bytes, bytes that repeat, words. The error goes on from the
// name of a secret and does not show it.
//
// It never refuses what came from a source of randomness. Of 32 random bytes fewer than 8 differ with a probability
// below C(256,7)·(7/256)³², 2⁻¹²²; the second half repeats the first with one below 2⁻¹²⁷; all are letters and
// separators with one below (60/256)³², 2⁻⁶⁶, and words, where a capital only follows a separator, are far fewer.
// Random text in hex or base32 has no separators; 32 letters of base64url are words with a probability below 2⁻³⁵.
func CheckSecret(secret []byte) error {
	switch {
	case len(secret) < MinSecret:
		return fmt.Errorf("has %d bytes, at least %d are needed", len(secret), MinSecret)
	case distinct(secret) < minDistinct:
		return fmt.Errorf("has fewer than %d different bytes: make one with go tool sessiongen secret", minDistinct)
	case repeats(secret):
		return errors.New("repeats itself: make one with go tool sessiongen secret")
	case len(secret) < minWords && words(secret):
		return errors.New("is a text of words: make one with go tool sessiongen secret")
	}
	return nil
}

func distinct(b []byte) int {
	var seen [256]bool
	n := 0
	for _, c := range b {
		if !seen[c] {
			seen[c] = true
			n++
		}
	}
	return n
}

// repeats reports whether b is one pattern over and over, at least twice.
func repeats(b []byte) bool {
	for period := 1; period <= len(b)/2; period++ {
		if bytes.Equal(b[period:], b[:len(b)-period]) {
			return true
		}
	}
	return false
}

// words reports whether b is words with separators between them: lower case, or with a capital first.
func words(b []byte) bool {
	separators := 0
	start := true
	for _, c := range b {
		switch {
		case 'a' <= c && c <= 'z':
			start = false
		case 'A' <= c && c <= 'Z' && start:
			start = false
		case bytes.IndexByte([]byte(" -_.,'!?"), c) >= 0:
			separators++
			start = true
		default:
			return false
		}
	}
	return separators >= 2
}
