//go:build race

package sqltest

import (
	"flag"
	"os"
	"testing"
)

// TestMain takes the short counts of races under the race detector: three databases need a quarter of an hour for the
// full ones there, which run without it.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.short", "true"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
