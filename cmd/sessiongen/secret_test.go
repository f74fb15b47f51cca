package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestEachPrintedSecretIsAnother(t *testing.T) {
	seen := map[string]bool{}
	for range 3 {
		var out, errs bytes.Buffer
		if code := run([]string{"secret"}, &out, &errs); code != exitFine || errs.Len() > 0 {
			t.Fatalf("exit code %d, %s", code, &errs)
		}
		secret, err := session.Secret(out.String())
		if err != nil || len(secret) != 32 || strings.Count(out.String(), "\n") != 1 {
			t.Errorf("%q: %d bytes, %v", out.String(), len(secret), err)
		}
		seen[string(secret)] = true
	}
	if len(seen) != 3 {
		t.Error("a secret came twice")
	}
}
