// Package bubble runs tests in bubbles of testing/synctest, where they can.
package bubble

import (
	"crypto/fips140"
	"testing"
	"testing/synctest"
)

// Test is synctest.Test, but skips the test in FIPS 140 mode. Go seeds its random numbers there with the jitter of the
// clock, which stands still in a bubble: crypto/rand panics.
func Test(t *testing.T, f func(*testing.T)) {
	t.Helper()
	if fips140.Enabled() {
		t.Skip("in FIPS 140 mode there is no randomness in a bubble")
	}
	synctest.Test(t, f)
}
