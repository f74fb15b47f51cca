package parse

import (
	"slices"
	"testing"
)

func TestAFileNameImpliesItsConstraints(t *testing.T) {
	for name, want := range map[string][]string{
		"session.go":             nil,
		"linux.go":               nil,
		"session_linux.go":       {"linux"},
		"session_amd64.go":       {"amd64"},
		"session_linux_amd64.go": {"linux", "amd64"},
		"session_amd64_linux.go": {"linux"},
		"session_page.go":        nil,
		"linux_session.go":       nil,
		"a_page_windows.go":      {"windows"},
		"windows_arm64.go":       {"arm64"},
	} {
		if got := impliedTags(name); !slices.Equal(got, want) {
			t.Errorf("%s implies %v, want %v", name, got, want)
		}
	}
}
