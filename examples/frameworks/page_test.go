package frameworks

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The lines that the page shows are lines of the sites, or of the tests of the adapters, which compile and run.
func TestTheLinesOnThePageAreThoseOfTheSites(t *testing.T) {
	page, err := os.ReadFile("../../doc/frameworks.md")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, pattern := range []string{
		"*/main.go", "../../runtime/adapter/gorillasession/*_test.go", "../../runtime/adapter/plain/internal/passkey/session.go",
	} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			code.WriteString(unindented(string(text)))
		}
	}
	all := code.String()
	fences := regexp.MustCompile("(?s)```golang\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(fences) < 10 {
		t.Fatalf("only %d fences were found", len(fences))
	}
	for _, m := range fences {
		if !strings.Contains(all, unindented(m[1])) {
			t.Errorf("no site has\n%s", m[1])
		}
	}
}

func unindented(text string) string {
	return regexp.MustCompile(`(?m)^[ \t]+`).ReplaceAllString(text, "")
}
