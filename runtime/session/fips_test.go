package session_test

import (
	"crypto/fips140"
	"os"
	"os/exec"
	"testing"
)

// A session's whole life where only approved algorithms exist.
func TestSessionsWorkInFIPSMode(t *testing.T) {
	if fips140.Enabled() {
		t.Skip("this is that mode")
	}
	cmd := exec.Command(os.Args[0], "-test.short", "-test.run=Cookie|Renew|Meta|Pairs")
	cmd.Env = append(os.Environ(), "GODEBUG=fips140=only")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
