package generator_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/go/packages"

	"github.com/sessiongen/sessiongen/generator"
	"github.com/sessiongen/sessiongen/generator/load"
	"github.com/sessiongen/sessiongen/generator/output"
)

// BenchmarkRunAgainstBareLoad prints the cost of a whole run and of a bare packages.Load of the same package, in
// turns: one that gives the types from export data, and one that gives syntax with its types.
func BenchmarkRunAgainstBareLoad(b *testing.B) {
	dir := benchModule(b, 1, 10)
	bare := func(mode packages.LoadMode) time.Duration {
		start := time.Now()
		if _, err := packages.Load(&packages.Config{Mode: mode, Dir: dir}, "./..."); err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
	var ours, types, syntax time.Duration
	for b.Loop() {
		types += bare(packages.LoadTypes)
		ours += timed(b, dir, "./...")
		syntax += bare(packages.LoadSyntax)
	}
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ms/run")
	b.ReportMetric(float64(ours)/float64(types), "run/load")
	b.ReportMetric(float64(ours)/float64(syntax), "run/load-with-syntax")
}

// BenchmarkFields prints how a run grows with the fields of a schema.
func BenchmarkFields(b *testing.B) {
	few, many := benchModule(b, 1, 10), benchModule(b, 1, 1000)
	var small, large time.Duration
	for b.Loop() {
		small += timed(b, few, "./...")
		large += timed(b, many, "./...")
	}
	b.ReportMetric(float64(large.Milliseconds())/float64(b.N), "ms/1000fields")
	b.ReportMetric(float64(large)/float64(small), "1000/10")
}

// BenchmarkPackages prints the cost of each of 200 packages in one run, and in a run of its own.
func BenchmarkPackages(b *testing.B) {
	const n = 200
	dir := benchModule(b, n, 10)
	var alone, together time.Duration
	for b.Loop() {
		alone += timed(b, dir, "./p7")
		together += timed(b, dir, "./...") / n
	}
	b.ReportMetric(float64(together.Milliseconds())/float64(b.N), "ms/package")
	b.ReportMetric(float64(together)/float64(alone), "together/alone")
}

func timed(b *testing.B, dir, pattern string) time.Duration {
	start := time.Now()
	generate(b, dir, pattern)
	return time.Since(start)
}

func generate(b *testing.B, dir, pattern string) {
	res, err := generator.Run(b.Context(), load.Config{Dir: dir, Patterns: []string{pattern}})
	if err != nil {
		b.Fatal(err)
	}
	if len(res.Found) > 0 {
		b.Fatal(res.Found)
	}
	if err := output.Write(res.Changes); err != nil {
		b.Fatal(err)
	}
}

// benchModule makes packages with a schema each, in a module that can compile what is generated.
func benchModule(b *testing.B, packages, fields int) string {
	dir := b.TempDir()
	requireCheckout(b, dir, "example.com/bench")
	types := []string{"string", "int64", "[]string", "time.Time", "map[string]int", "Item", "[]byte", "*Item", "bool", "[]Item"}
	for p := range packages {
		var src strings.Builder
		fmt.Fprintf(&src, "package p%d\n\nimport \"time\"\n\ntype Item struct {\n\tSKU string\n\tQty int\n}\n\n//sessiongen:schema\ntype SessionSchema struct {\n", p)
		for f := range fields {
			fmt.Fprintf(&src, "\t// F%d is a field.\n\tF%d %s `session:\"f%d\"`\n", f, f, types[f%len(types)], f)
		}
		src.WriteString("}\n\nvar _ time.Time\n")
		writeFile(b, filepath.Join(dir, fmt.Sprintf("p%d", p), "session.go"), []byte(src.String()))
	}
	generate(b, dir, "./...")
	generate(b, dir, "./...") // after what the first run wrote, the go command compiles the packages once more
	return dir
}
