package demo

import (
	"crypto/rand"
	"fmt"
	"os"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// Secret returns the secret of SESSION_SECRET, or one that lasts as long as the process.
func Secret() (secret []byte, kept bool, err error) {
	text := os.Getenv("SESSION_SECRET")
	if text == "" {
		secret = make([]byte, 32)
		_, _ = rand.Read(secret) // never fails: see crypto/rand
		return secret, false, nil
	}
	if secret, err = session.Secret(text); err != nil {
		return nil, false, fmt.Errorf("SESSION_SECRET: %w", err)
	}
	return secret, true, nil
}
