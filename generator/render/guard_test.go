package render_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A schema that changed, tags included, does not compile until somebody runs go generate, and the compiler's message
// says so.
func TestAChangedSchemaDoesNotCompileWithOldOutput(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: it compiles")
	}
	const source = "testdata/golden/shop/session.go"
	for _, c := range []struct{ change, old, new string }{
		{"a field is added", "Cart     []Item ", "Total int64\n\tCart []Item "},
		{"a field is removed", "\tLastSeen time.Time\n", "}\ntype unused struct {\n\tLastSeen time.Time\n"},
		{"a field is renamed", "LastSeen time.Time", "SeenLast time.Time"},
		{"a field has another type", "UserID   int64", "UserID   int32"},
		{"fields change places",
			"\tOTP      string            `session:\"otp,secret,ttl=10m\"`\n\tShip     *Address          // where to\n",
			"\tShip *Address\n\tOTP string `session:\"otp,secret,ttl=10m\"`\n"},
		{"a key changes", "`session:\"prefs\"`", "`session:\"settings\"`"},
		{"an option is added", "`session:\"prefs\"`", "`session:\"prefs,secret\"`"},
		{"an option is removed", "`session:\"visits,counter\"`", "`session:\"visits\"`"},
		{"a tag is added", "LastSeen time.Time", "LastSeen time.Time `session:\"seen\"`"},
		{"a struct within has another key", "`session:\"n\"`", "`session:\"qty\"`"},
		{"a struct within has another field", "City string", "Town string"},
	} {
		t.Run(c.change, func(t *testing.T) {
			out, err := build(t, "./testdata/golden/shop", edit(t, source, c.old, c.new))
			said := regexp.MustCompile(`(?m)session_gen\.go:.* as run_go_generate_(SessionSchema|Item|Address)_has_changed value`)
			if err == nil || !said.MatchString(out) {
				t.Errorf("go build: %v, and nobody is told to run go generate:\n%s", err, out)
			}
			if strings.Contains(out, "struct{") {
				t.Errorf("a whole struct is shown:\n%s", out)
			}
		})
	}
	t.Run("only comments change", func(t *testing.T) {
		if out, err := build(t, "./testdata/golden/shop", edit(t, source, "// where to", "// wherever")); err != nil {
			t.Errorf("go build: %v\n%s", err, out)
		}
	})
}

// What stands behind the name of a type is a part of the schema: a value of a wider type would be cut to the old one.
func TestAChangedNumberOrLengthBehindANameDoesNotCompile(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: it compiles")
	}
	for _, c := range []struct{ pkg, name, old, new string }{
		{"named", "Level", "Level   int8", "Level   int64"},
		{"named", "Port", "Port    uint16", "Port    int16"},
		{"named", "Percent", "Percent float32", "Percent float64"},
		{"named", "Role", "type Role string", "type Role []rune"},
		{"arrays", "Key", "type Key [16]byte", "type Key [32]byte"},
		{"maps", "ID", "type ID int32", "type ID int64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := "testdata/golden/" + c.pkg
			out, err := build(t, "./"+dir, edit(t, dir+"/session.go", c.old, c.new))
			if err == nil || !strings.Contains(out, "to type *run_go_generate_"+c.name+"_has_changed") {
				t.Errorf("go build: %v, and nobody is told to run go generate:\n%s", err, out)
			}
		})
	}
}

// An output and a runtime that do not know each other do not compile, whichever is older.
func TestAnotherGenerationOfTheRuntimeDoesNotCompile(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: it compiles")
	}
	const source = "runtime/session/manager.go"
	for _, c := range []struct{ runtime, old, new string }{
		{"older than the output", "Generation       = 1", "Generation       = 0"},
		{"that has dropped the output's generation", "OldestGeneration = 1", "OldestGeneration = 2"},
	} {
		t.Run("a runtime "+c.runtime, func(t *testing.T) {
			out, err := build(t, "./testdata/golden/single", edit(t, source, c.old, c.new))
			if err == nil || !strings.Contains(out, "session_gen.go:") || !strings.Contains(out, "overflows") {
				t.Errorf("go build: %v, and no guard of session_gen.go:\n%s", err, out)
			}
		})
	}
	t.Run("a newer runtime that still knows the output", func(t *testing.T) {
		newer := edit(t, source, "\tGeneration       = 1", "\tGeneration       = 2")
		if out, err := build(t, "./testdata/golden/single", newer); err != nil {
			t.Errorf("go build: %v\n%s", err, out)
		}
	})
}

// A misspelt accessor and a wrong type are the compiler's business.
func TestTyposAndWrongTypesDoNotCompile(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: it compiles")
	}
	for _, c := range []struct{ statement, message string }{
		{`s.SetUserNmae("x")`, "s.SetUserNmae undefined (type *Session has no field or method SetUserNmae)"},
		{`s.SetUsername("x")`,
			"s.SetUsername undefined (type *Session has no field or method SetUsername, but does have method SetUserName)"},
		{`s.SetUserName(1)`, "cannot use 1 (untyped int constant) as string value in argument to s.SetUserName"},
		{`var n int = s.UserID()`, "cannot use s.UserID() (value of type int64) as int value in variable declaration"},
		{`_ = s.Notice()`, "s.Notice undefined (type *Session has no field or method Notice)"},
		{`s.PutPrefs("k", 1)`, "cannot use 1 (untyped int constant) as string value in argument to s.PutPrefs"},
	} {
		path := "testdata/golden/shop/typo.go"
		out, err := build(t, "./testdata/golden/shop",
			map[string]string{path: "package shop\n\nfunc typo(s *Session) {\n\t" + c.statement + "\n}\n"})
		if err == nil || !strings.Contains(out, c.message) {
			t.Errorf("%s: %v, want %q in\n%s", c.statement, err, c.message, out)
		}
	}
}

// edit returns a file with one change, for build.
func edit(t *testing.T, path, old, new string) map[string]string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(src), old, new, 1)
	if changed == string(src) {
		t.Fatalf("%s does not contain %q", path, old)
	}
	return map[string]string{path: changed}
}

// build compiles a package with some files replaced or added, as go build -overlay does.
func build(t *testing.T, pkg string, files map[string]string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for path, content := range files {
		abs, err := filepath.Abs(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		replacement := filepath.Join(dir, fmt.Sprintf("%d.go", len(overlay.Replace)))
		if err := os.WriteFile(replacement, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		overlay.Replace[abs] = replacement
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	overlayFile := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlayFile, list, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-overlay", overlayFile, pkg)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	return string(out), err
}
