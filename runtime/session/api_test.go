package session_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// What the packages that generated code and people call export is what stands under testdata/api. Run with -update to
// change it, and read the diff: whoever implements, embeds or calls something sees each line of it.
func TestTheExportedAPIIsGolden(t *testing.T) {
	for _, pkg := range []string{"session", "record", "token"} {
		t.Run(pkg, func(t *testing.T) {
			t.Parallel()
			doc, err := exec.CommandContext(t.Context(), "go", "doc", "-all", "../"+pkg).Output()
			if err != nil {
				t.Fatal(err)
			}
			got, golden := declarations(string(doc)), filepath.Join("testdata", "api", pkg+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("the exported API has changed; run with -update if that is meant (-want +got):\n%s", diff)
			}
		})
	}
}

// declarations returns what go doc prints, less the comments: text after four spaces, and // within declarations.
func declarations(doc string) string {
	var kept strings.Builder
	started := false
	for line := range strings.Lines(doc) {
		switch text := strings.TrimSpace(line); {
		case text == "CONSTANTS", text == "VARIABLES", text == "FUNCTIONS", text == "TYPES":
			started = true
		case !started, text == "", strings.HasPrefix(line, "    "), strings.HasPrefix(text, "//"):
			continue
		}
		line, _, _ = strings.Cut(line, " // ")
		kept.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return kept.String()
}
