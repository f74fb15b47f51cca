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

// MakeOne is the way out of a fault of secrets.
const MakeOne = "make one with go tool sessiongen secret"

// checkSecrets says what is wrong with a ring's secrets, and the way out.
func checkSecrets(secrets [][]byte) error {
	if err := faultOf(secrets); err != nil {
		return fmt.Errorf("%w: %s and decode it with session.Secret", err, MakeOne)
	}
	return nil
}

func faultOf(secrets [][]byte) error {
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

// CheckSecret refuses what is certainly no secret: too few bytes, bytes that repeat or count, words. The error goes
// on from the name of a secret and does not show it.
//
// It never refuses what came from a source of randomness. Of 32 random bytes fewer than 8 differ with a probability
// below C(256,7)·(7/256)³², 2⁻¹²²; 17 are the same with one below 256·C(32,17)·256⁻¹⁷, 2⁻⁹⁸; the second half repeats
// the first with one below 2⁻¹²⁷; of their differences, which are as random, more than half are the same with one
// below 2⁻⁸⁴, and of those of 32 letters of hex with one below 2⁻³³; all are letters, digits and separators with one
// below (74/256)³², 2⁻⁵⁷, and words are far fewer. Random text in hex or base32 has no separators; of 32 letters of
// base64url each goes on with a word with a probability below one half, so that all are words with one below 2⁻³¹.
func CheckSecret(secret []byte) error {
	switch {
	case len(secret) < MinSecret:
		return fmt.Errorf("has %d bytes, at least %d are needed", len(secret), MinSecret)
	case distinct(secret) < minDistinct:
		return fmt.Errorf("has fewer than %d different bytes", minDistinct)
	case mostly(secret):
		return errors.New("is mostly one byte")
	case repeats(secret):
		return errors.New("repeats itself")
	case counts(secret):
		return errors.New("is a sequence that counts")
	case len(secret) < minWords && words(secret):
		return errors.New("is a text of words")
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

// mostly reports whether one byte makes up more than half of b.
func mostly(b []byte) bool {
	var count [256]int
	for _, c := range b {
		if count[c]++; count[c] > len(b)/2 {
			return true
		}
	}
	return false
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

// counts reports whether b is a sequence such as 0, 1, 2, …, the alphabet or a column of numbers of up to four bytes:
// the differences between bytes so far apart are mostly one, or repeat. So do those of a sequence that turns, or
// grows ever faster, when differences are taken twice.
func counts(b []byte) bool {
	dull := func(b []byte) bool { return mostly(b) || repeats(b) }
	for apart := 1; apart <= 4; apart++ {
		if dull(differences(b, apart)) {
			return true
		}
	}
	return dull(differences(differences(b, 1), 1))
}

func differences(b []byte, apart int) []byte {
	d := make([]byte, len(b)-apart)
	for i := range d {
		d[i] = b[i+apart] - b[i]
	}
	return d
}

// words reports whether b is words with separators between them, of letters in one case or with a capital first.
// Numbers are words too, or the end of one: people add them where a form asks for digits.
func words(b []byte) bool {
	const (
		between = iota
		capital // the first letter of a word, upper case
		upper
		lower
		digit
	)
	separators, state := 0, between
	for _, c := range b {
		switch {
		case bytes.IndexByte([]byte(" -_.,:;/'!?\n"), c) >= 0:
			separators++
			state = between
		case '0' <= c && c <= '9':
			state = digit
		case state == digit:
			return false
		case 'a' <= c && c <= 'z' && state != upper:
			state = lower
		case 'A' <= c && c <= 'Z' && state == between:
			state = capital
		case 'A' <= c && c <= 'Z' && (state == capital || state == upper):
			state = upper
		default:
			return false
		}
	}
	return separators >= 2
}
