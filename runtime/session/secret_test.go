package session_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestASecretIsReadFromTheTextsThatPeopleKeep(t *testing.T) {
	want := fixture.Secret("shop")
	for name, text := range map[string]string{
		"hex":               hex.EncodeToString(want),
		"upper-case hex":    strings.ToUpper(hex.EncodeToString(want)),
		"base64":            base64.StdEncoding.EncodeToString(want),
		"unpadded base64":   base64.RawStdEncoding.EncodeToString(want),
		"base64url":         base64.URLEncoding.EncodeToString(want),
		"unpadded":          base64.RawURLEncoding.EncodeToString(want),
		"from a file":       hex.EncodeToString(want) + "\n",
		"from a DOS editor": " " + base64.StdEncoding.EncodeToString(want) + "\r\n",
	} {
		if got, err := session.Secret(text); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %x, %v", name, got, err)
		}
	}
}

func TestATextThatHoldsNoSecretIsRefusedAndNotShown(t *testing.T) {
	for text, says := range map[string]string{
		"":     "empty",
		" \n ": "empty",
		"correct horse battery staple, and then some":       "neither hex nor base64",
		hex.EncodeToString(fixture.Secret("s")[:16]):        "16 bytes",
		"c2hvcnQtYnV0LWJhc2U2NA==":                          "16 bytes",
		strings.Repeat("00", 32):                            "different bytes",
		strings.Repeat("0123456789abcdef", 4):               "repeats",
		hex.EncodeToString(fixture.Secret("s")) + "\u2003x": "neither",
	} {
		secret, err := session.Secret(text)
		if err == nil || secret != nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %x, %v", text, secret, err)
		}
		if says != "empty" && err != nil && !strings.Contains(err.Error(), "go tool sessiongen secret") {
			t.Errorf("the error does not name the way out: %v", err)
		}
		if shown := strings.TrimSpace(text); err != nil && shown != "" && strings.Contains(err.Error(), shown) {
			t.Errorf("the error shows the text: %v", err)
		}
	}
}
