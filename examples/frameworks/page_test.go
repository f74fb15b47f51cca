package frameworks

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// Where the lines are that the page shows, by the section and, in that which shows the sites side by side, by the word
// before them.
var sources = map[string]string{
	"net/http":    "nethttp/main.go",
	"chi":         "chi/main.go",
	"gorilla/mux": "mux/main.go",
	"httprouter":  "httprouter/main.go",
	"huma":        "huma/main.go",
	"gin":         "gin/main.go",
	"echo":        "echo/main.go",
	"fiber":       "fiber/main.go",
	"Connect":     "connect/main.go",
	"goth":        "../../runtime/adapter/gorillasession/goth_test.go",
	"Passkeys": "../../runtime/adapter/plain/internal/passkey/session.go " +
		"../../runtime/adapter/plain/passkey_test.go",
}

// The lines stand in a row in the site's main.go, or in a test of an adapter's, indented as they are there.
func TestTheLinesOnThePageAreThoseOfTheSites(t *testing.T) {
	page, err := os.ReadFile("../../doc/frameworks.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]int{}
	section, word := "", ""
	lines := strings.Split(string(page), "\n")
	for i, line := range lines {
		switch {
		case strings.HasPrefix(line, "## "):
			section, word = strings.TrimPrefix(line, "## "), ""
		case line == "```golang":
			end := i + 1 + slices.Index(lines[i+1:], "```")
			where := section
			if section == "Side by side" {
				where = word
			}
			if !standsIn(t, sources[where], lines[i+1:end]) {
				t.Errorf("%s: no row of lines in %q is\n%s", where, sources[where], strings.Join(lines[i+1:end], "\n"))
			}
			shown[where]++
		case strings.HasSuffix(line, ":"):
			word = strings.TrimSuffix(line, ":")
		}
	}
	for where := range sources {
		if shown[where] == 0 {
			t.Errorf("nothing is shown of %s", where)
		}
	}
}

// standsIn reports whether lines stand in one of some files.
func standsIn(t *testing.T, files string, lines []string) bool {
	t.Helper()
	for file := range strings.FieldsSeq(files) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Split(string(text), "\n")
		for i := range len(all) - len(lines) + 1 {
			if slices.Equal(outdented(all[i:i+len(lines)]), outdented(lines)) {
				return true
			}
		}
	}
	return false
}

// outdented returns lines less the indentation of the first.
func outdented(lines []string) []string {
	indent := lines[0][:len(lines[0])-len(strings.TrimLeft(lines[0], "\t"))]
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = strings.TrimPrefix(line, indent)
	}
	return out
}
