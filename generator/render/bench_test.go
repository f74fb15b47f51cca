package render_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/generator/load"
	"github.com/sessiongen/sessiongen/generator/parse"
	"github.com/sessiongen/sessiongen/generator/render"
	"github.com/sessiongen/sessiongen/generator/schema"
)

const wideFields = 1000

// BenchmarkRender renders a schema of 1,000 fields.
func BenchmarkRender(b *testing.B) {
	model := wideModel(b)
	for b.Loop() {
		if _, err := render.File(model, model.Files[0]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCompile compiles the output for 1,000 fields, in turns with a struct of these fields for which somebody has
// written a getter and a setter each. Measured is the compiler's CPU time, without its imports being built.
func BenchmarkCompile(b *testing.B) {
	model := wideModel(b)
	generated, err := render.File(model, model.Files[0])
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	files := map[string]string{"schema.go": wideSchema(), "generated.go": string(generated), "byhand.go": wideByHand()}
	for name, src := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(src), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	list := exec.Command("go", "list", "-export", "-deps", "-f", "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}", "./testdata/golden/shop")
	list.Dir = root
	imports, err := list.Output()
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "imports"), imports, 0o644); err != nil {
		b.Fatal(err)
	}
	compile := func(files ...string) time.Duration {
		cmd := exec.Command("go", append([]string{"tool", "compile", "-p", "wide", "-complete", "-importcfg", "imports", "-o", "out.a"}, files...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	var ours, theirs time.Duration
	for b.Loop() {
		ours += compile("schema.go", "generated.go")
		theirs += compile("byhand.go")
	}
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "cpu-ms/generated")
	b.ReportMetric(float64(theirs.Milliseconds())/float64(b.N), "cpu-ms/by-hand")
	b.ReportMetric(float64(ours)/float64(theirs), "generated/by-hand")
}

func wideType(i int) string {
	return []string{"string", "int64", "bool", "time.Time", "[]string", "map[string]string", "int", "float64", "[]byte", "string"}[i%10]
}

func wideSchema() string {
	var b strings.Builder
	b.WriteString("package wide\n\nimport \"time\"\n\n//sessiongen:schema\ntype SessionSchema struct {\n")
	for i := range wideFields {
		fmt.Fprintf(&b, "\tField%d %s\n", i, wideType(i))
	}
	return b.String() + "}\n"
}

func wideByHand() string {
	var b, methods strings.Builder
	b.WriteString("package wide\n\nimport \"time\"\n\ntype Session struct {\n")
	for i := range wideFields {
		fmt.Fprintf(&b, "\tfield%d %s\n", i, wideType(i))
		fmt.Fprintf(&methods, "\n// Field%d returns it.\nfunc (s *Session) Field%[1]d() %s { return s.field%[1]d }\n", i, wideType(i))
		fmt.Fprintf(&methods, "\n// SetField%d sets it.\nfunc (s *Session) SetField%[1]d(v %s) { s.field%[1]d = v }\n", i, wideType(i))
	}
	return b.String() + "}\n" + methods.String()
}

func wideModel(b *testing.B) *schema.Package {
	dir := b.TempDir()
	for name, src := range map[string]string{"go.mod": "module wide\n\ngo 1.26\n", "session.go": wideSchema()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(src), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	pkgs, err := load.Load(context.Background(), load.Config{Dir: dir, Patterns: []string{"."}})
	if err != nil {
		b.Fatal(err)
	}
	model, found := parse.Package(pkgs[0])
	if len(found) > 0 {
		b.Fatal(found)
	}
	return model
}
