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
		"one twice":         {good, good},
		"one twice, apart":  {good, secret("other"), good},
		"the second short":  {good, []byte("zyxwvu")},
	} {
		_, err := NewRing("shop.Session", "session", secrets)
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		for _, s := range secrets {
			if strings.Contains(err.Error(), string(s)) {
				t.Errorf("%s: the error shows a secret: %v", name, err)
			}
		}
	}
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
