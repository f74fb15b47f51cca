package session

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/sessiongen/sessiongen/runtime/token"
)

// Secret decodes a secret for Config.Secrets from the text that an environment variable or a file holds: hex, base64 or
// base64url, with or without padding; spaces and line ends around it do not count. `go tool sessiongen secret` prints
// such a text.
//
// The error says what is wrong with the text and does not show it: it is empty, of no such encoding, holds less than 32
// bytes, or bytes without entropy.
func Secret(text string) ([]byte, error) {
	text = strings.Trim(text, " \t\r\n")
	if text == "" {
		return nil, errors.New("session: the secret is empty: is the environment variable or the file" +
			" that should hold it there?")
	}
	secret, ok := decodeSecret(text)
	if !ok {
		return nil, errors.New("session: the secret is neither hex nor base64: " + token.MakeOne)
	}
	if err := token.CheckSecret(secret); err != nil {
		return nil, fmt.Errorf("session: the secret %w: %s", err, token.MakeOne)
	}
	return secret, nil
}

// decodeSecret tries hex first: random base64 that could be hex too is one text in 2⁶⁵.
func decodeSecret(text string) ([]byte, bool) {
	if b, err := hex.DecodeString(text); err == nil {
		return b, true
	}
	text = strings.TrimRight(text, "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if b, err := encoding.DecodeString(text); err == nil && !strings.ContainsAny(text, "\r\n") {
			return b, true
		}
	}
	return nil, false
}
