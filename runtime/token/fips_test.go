package token

import (
	"crypto/fips140"
	"errors"
	"os"
	"os/exec"
	"testing"
)

// All tests of this package once more where only approved algorithms exist.
func TestAllOfItWorksInFIPSMode(t *testing.T) {
	if fips140.Enabled() {
		t.Skip("this is that mode")
	}
	for _, mode := range []string{"on", "only"} {
		cmd := exec.Command(os.Args[0], "-test.short")
		cmd.Env = append(os.Environ(), "GODEBUG=fips140="+mode)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("GODEBUG=fips140=%s: %v\n%s", mode, err, out)
		}
	}
}

func TestTheModeDecidesHowARecordIsSealed(t *testing.T) {
	r := ring(t, "s", "1")
	want := byte(formatXChaCha)
	if fips140.Enabled() {
		want = formatGCM
	}
	if sealed := r.Seal(nil, "k", nil); sealed[0] != want {
		t.Errorf("format %d, want %d", sealed[0], want)
	}
}

func TestARecordThatTheModeForbidsIsSealedForGood(t *testing.T) {
	if fips140.Enforced() {
		t.Skip("the record cannot be made")
	}
	r := ring(t, "s", "1")
	r.format = formatXChaCha
	sealed := r.Seal(nil, "k", []byte("x"))
	r.keys[0].xaead = nil
	if plain, err := r.Open(sealed, "k"); !errors.Is(err, ErrSealed) || plain != nil {
		t.Errorf("%q, %v", plain, err)
	}
}
