package token

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

func TestSecretsWithoutEntropyAreRefusedAndNotShown(t *testing.T) {
	good := secret("good")
	for name, secrets := range map[string][][]byte{
		"none":              {},
		"short":             {secret("x")[:31]},
		"zeros":             {make([]byte, 32)},
		"one letter":        {[]byte(strings.Repeat("a", 64))},
		"a few letters":     {[]byte("abcabacbaabccabcabababccabcacbab")},
		"a repeated word":   {[]byte("correcthorsebatt" + "correcthorsebatt")},
		"a repeated number": {[]byte("12345678901234567890123456789012")},
		"a passphrase":      {[]byte("correct horse battery staple and more")},
		"a placeholder":     {[]byte("Please-change-me-to-a-real-secret!")},
		"nearly all zeros":  {append(make([]byte, 24), "\x01\x02\x03\x04\x05\x06\x07\x08"...)},
		"with a number":     {[]byte("this-is-a-32-byte-long-secret-key")},
		"a number behind":   {[]byte("my-super-secret-session-key-12345")},
		"capitals":          {[]byte("CHANGE_ME_CHANGE_ME_PLEASE_NOW_OK")},
		"a path":            {[]byte("replace/this/with/a/random/secret/")},
		"counting":          {sequence(func(i int) byte { return byte(i) })},
		"counting down":     {sequence(func(i int) byte { return byte(200 - i) })},
		"by seven":          {sequence(func(i int) byte { return byte(7 * i) })},
		"the alphabet":      {[]byte("abcdefghijklmnopqrstuvwxyz012345")},
		"both alphabets":    {[]byte("ABCDEFGHIJKLMNOPabcdefghijklmnop")},
		"letters of hex":    {[]byte("0123456789abcdeffedcba9876543210")},
		"counting numbers":  {sequence(func(i int) byte { return []byte{byte(i / 2), 0x5c}[i%2] })},
		"of four bytes":     {sequence(func(i int) byte { return []byte{0xa7, 0x13, 0x5c, byte(i / 4)}[i%4] })},
		"wider and wider":   {sequence(func(i int) byte { return byte(i * i) })},
		"one twice":         {good, good},
		"one twice, apart":  {good, secret("other"), good},
		"the second short":  {good, []byte("zyxwvu")},
	} {
		_, err := NewRing("shop.Session", "session", secrets)
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		if !strings.Contains(err.Error(), "go tool sessiongen secret") || !strings.Contains(err.Error(), "session.Secret") {
			t.Errorf("%s: the error does not name the way out: %v", name, err)
		}
		for _, s := range secrets {
			if strings.Contains(err.Error(), string(s)) {
				t.Errorf("%s: the error shows a secret: %v", name, err)
			}
		}
	}
}

func sequence(at func(i int) byte) []byte {
	b := make([]byte, MinSecret)
	for i := range b {
		b[i] = at(i)
	}
	return b
}

func TestWhatCameFromASourceOfRandomnessIsASecret(t *testing.T) {
	for range 10_000 {
		b := make([]byte, MinSecret)
		_, _ = rand.Read(b)
		for _, secret := range [][]byte{b, []byte(hex.EncodeToString(b)), []byte(base64.RawURLEncoding.EncodeToString(b)), []byte(rand.Text() + rand.Text())} {
			if err := CheckSecret(secret); err != nil {
				t.Fatalf("%q %v", secret, err)
			}
		}
	}
}
