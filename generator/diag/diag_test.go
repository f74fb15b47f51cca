package diag

import (
	"encoding/json"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

func at(file string, line, column int) token.Position {
	return token.Position{Filename: file, Line: line, Column: column}
}

func TestDiagnosticsAreSortedByPlaceAndSaidOnce(t *testing.T) {
	got := Sort([]Diagnostic{
		At(at("/m/b.go", 1, 1), "last"),
		At(at("/m/a.go", 10, 1), "third"),
		At(at("/m/a.go", 9, 20), "second"),
		At(at("/m/a.go", 9, 3), "first"),
		At(at("/m/a.go", 10, 1), "third"),
	})
	var words []string
	for _, d := range got {
		words = append(words, d.Message)
	}
	if text := strings.Join(words, " "); text != "first second third last" {
		t.Error(text)
	}
}

func TestPathsAreRelativeToTheFolderUnlessFarAway(t *testing.T) {
	dir := filepath.FromSlash("/home/me/shop/web")
	for path, want := range map[string]string{
		"/home/me/shop/web/a.go":   "a.go",
		"/home/me/shop/web/x/a.go": "x/a.go",
		"/home/me/shop/a.go":       "../a.go",
		"/home/me/a.go":            "../../a.go",
		"/usr/src/a.go":            "/usr/src/a.go",
		"":                         "",
	} {
		if got := Relative(dir, filepath.FromSlash(path)); got != filepath.FromSlash(want) {
			t.Errorf("Relative(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestEachFormatKeepsADiagnosticOnOneLine(t *testing.T) {
	ds := []Diagnostic{
		{Pos: at("/m/a,b:c.go", 3, 7), Message: "50% of\r\nit: wrong"},
		{Pos: at("/m/x.go", 1, 0), Message: "mind", Note: true},
		{Message: "nowhere"},
	}
	for format, want := range map[Format]string{
		Text:   "a,b:c.go:3:7: 50% of it: wrong\nx.go:1: note: mind\nnowhere\n",
		GitHub: "::error file=a%2Cb%3Ac.go,line=3,col=7::50%25 of%0D%0Ait: wrong\n::notice file=x.go,line=1::mind\n::error ::nowhere\n",
	} {
		var got strings.Builder
		if err := Print(&got, format, "/m", ds); err != nil {
			t.Fatal(err)
		}
		if got.String() != want {
			t.Errorf("%s:\n%swant\n%s", format, got.String(), want)
		}
	}
	var got strings.Builder
	if err := Print(&got, JSON, "/m", ds); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(got.String(), "\n"), "\n")
	if len(lines) != len(ds) {
		t.Fatalf("%d lines", len(lines))
	}
	var first struct {
		File, Severity, Message string
		Line, Column            int
	}
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil {
		t.Fatal(err)
	}
	if first.File != "a,b:c.go" || first.Line != 3 || first.Column != 7 || first.Severity != "error" || first.Message != ds[0].Message {
		t.Errorf("%+v", first)
	}
}

func TestASuggestionIsNearOrNotMade(t *testing.T) {
	options := []string{"renew", "counter", "flash", "secret", "ttl", "max", "was", "json"}
	for word, want := range map[string]string{
		"renw":    "renew",
		"reenw":   "renew",
		"countre": "counter",
		"flahs":   "flash",
		"sercret": "secret",
		"tll":     "ttl",
		"mx":      "max",
		"primary": "",
		"x":       "",
		"":        "",
		"min":     "",
	} {
		if got := Closest(word, options...); got != want {
			t.Errorf("Closest(%q) = %q, want %q", word, got, want)
		}
	}
}
