package convert

import "testing"

func TestInternalPackagesAreImportableFromBelowTheirParentOnly(t *testing.T) {
	for _, c := range []struct {
		path, from string
		want       bool
	}{
		{"example.com/a", "example.com/b", true},
		{"example.com/a/internal", "example.com/a", true},
		{"example.com/a/internal/x", "example.com/a/b/c", true},
		{"example.com/a/internal/x", "example.com/ab", false},
		{"example.com/a/internal/x/internal/y", "example.com/a/b", false},
		{"example.com/a/internal/x/internal/y", "example.com/a/internal/x/z", true},
		{"example.com/internals/x", "example.com/b", true},
		{"internal/abi", "example.com/a", false},
		{"net/http/internal", "example.com/a", false},
		{"vendor/golang.org/x/net", "example.com/a", false},
	} {
		if got := importable(c.path, c.from); got != c.want {
			t.Errorf("importable(%q, from %q) = %t", c.path, c.from, got)
		}
	}
}
