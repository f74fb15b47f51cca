package main

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
)

// printSecret prints 32 random bytes as session.Secret reads them: in hex, which needs no quotes in any shell or file.
func printSecret(w io.Writer) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails: see crypto/rand
	fmt.Fprintln(w, hex.EncodeToString(secret))
}
