package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/sessiongen/sessiongen/bench/measure"
)

// generator times sessiongen as its users run it, a process each time, on packages made for the purpose.
func (b *bench) generator() error {
	dir, err := os.MkdirTemp(scratch, "generate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	g := &workshop{dir: dir, rounds: 11, many: 200}
	if b.quick {
		g.rounds, g.many = 3, 20
	}
	if err := g.build(); err != nil {
		return err
	}
	if err := g.write(); err != nil {
		return err
	}
	if err := g.warm(); err != nil {
		return err
	}
	if err := b.timeTools(g); err != nil {
		return err
	}
	return b.timeCompiler(g)
}

// A workshop is a directory of packages and the tools that work on them.
type workshop struct {
	dir    string // below this module, so that its dependencies are those of the packages
	rounds int
	many   int // packages with a schema each
}

func (g *workshop) tool(name string) string { return "./" + filepath.Join(g.dir, "bin", name) }

func (g *workshop) pkg(name string) string { return "./" + filepath.Join(g.dir, name) }

func (g *workshop) build() error {
	return execute("go", "build", "-o", "./"+filepath.Join(g.dir, "bin")+"/",
		"github.com/sessiongen/sessiongen/cmd/sessiongen", "golang.org/x/tools/cmd/stringer", "./bareload")
}

func execute(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

var schemaText = template.Must(template.New("").Parse(`package {{.Name}}

//sessiongen:schema
type SessionSchema struct {
{{range .Fields}}	Field{{.N}} {{.Type}}
{{end}}}

type Color int

const (
	Red Color = iota
	Green
	Blue
)
`))

var handText = template.Must(template.New("").Parse(`package {{.Name}}

type Session struct {
{{range .Fields}}	field{{.N}} {{.Type}}
{{end}}}
{{range .Fields}}
func (s *Session) Field{{.N}}() {{.Type}} { return s.field{{.N}} }

func (s *Session) SetField{{.N}}(v {{.Type}}) { s.field{{.N}} = v }
{{end}}`))

// presenceText has as many methods as sessiongen writes for most fields.
var presenceText = template.Must(template.New("").Parse(`package {{.Name}}

type Session struct {
	has [{{len .Fields}}]bool
{{range .Fields}}	field{{.N}} {{.Type}}
{{end}}}
{{range .Fields}}
func (s *Session) Field{{.N}}() {{.Type}} { return s.field{{.N}} }

func (s *Session) SetField{{.N}}(v {{.Type}}) { s.field{{.N}}, s.has[{{.N}}] = v, true }

func (s *Session) HasField{{.N}}() bool { return s.has[{{.N}}] }

func (s *Session) ClearField{{.N}}() {
	var zero {{.Type}}
	s.field{{.N}}, s.has[{{.N}}] = zero, false
}
{{end}}`))

// emptyText has the methods that sessiongen writes, and nothing in them.
var emptyText = template.Must(template.New("").Parse(`package {{.Name}}

type Session struct{}
{{range .Fields}}
func (s *Session) Field{{.N}}() (v {{.Type}}) { return }

func (s *Session) SetField{{.N}}(v {{.Type}}) {}

func (s *Session) HasField{{.N}}() (has bool) { return }

func (s *Session) ClearField{{.N}}() {}
{{if eq .Type "[]string"}}
func (s *Session) AppendField{{.N}}(v ...string) {}
{{end}}{{if eq .Type "map[string]string"}}
func (s *Session) LookupField{{.N}}(key string) (v string, ok bool) { return }

func (s *Session) PutField{{.N}}(key, v string) {}

func (s *Session) DeleteField{{.N}}(key string) {}
{{end}}{{end}}`))

type field struct {
	N    int
	Type string
}

// write makes the packages.
func (g *workshop) write() error {
	types := []string{"string", "int64", "[]string", "bool", "float64", "[]byte", "map[string]string", "int", "uint32"}
	put := func(name string, text *template.Template, fields int) error {
		data := struct {
			Name   string
			Fields []field
		}{Name: filepath.Base(name)}
		for i := range fields {
			data.Fields = append(data.Fields, field{i, types[i%len(types)]})
		}
		var b bytes.Buffer
		if err := text.Execute(&b, data); err != nil {
			return err
		}
		dir := filepath.Join(g.dir, name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, "session.go"), b.Bytes(), 0o644)
	}
	for _, p := range []struct {
		name   string
		text   *template.Template
		fields int
	}{
		{"small", schemaText, 9}, {"ten", schemaText, 10}, {"thousand", schemaText, 1000}, {"hand", handText, 1000}, {"presence", presenceText, 1000},
		{"empty", emptyText, 1000},
	} {
		if err := put(p.name, p.text, p.fields); err != nil {
			return err
		}
	}
	for i := range g.many {
		if err := put(fmt.Sprintf("many/p%03d", i), schemaText, 9); err != nil {
			return err
		}
	}
	return nil
}

// warm has everything generated and the dependencies' export data in the build cache, as they are on any but the
// first run.
func (g *workshop) warm() error {
	if err := execute(g.tool("sessiongen"), g.pkg("...")); err != nil {
		return err
	}
	if err := execute(g.tool("stringer"), "-type=Color", g.pkg("small")); err != nil {
		return err
	}
	return execute("go", "build", g.pkg("..."))
}

// turns runs processes in turns and returns how long each took.
func (g *workshop) turns(commands ...[]string) ([]measure.Times, error) {
	times := make([]measure.Times, len(commands))
	for range g.rounds {
		for i, c := range commands {
			start := time.Now()
			if err := execute(c[0], c[1:]...); err != nil {
				return nil, err
			}
			times[i] = append(times[i], float64(time.Since(start)))
		}
	}
	return times, nil
}

func (b *bench) timeTools(g *workshop) error {
	times, err := g.turns(
		[]string{g.tool("bareload"), g.pkg("small")},
		[]string{g.tool("stringer"), "-type=Color", g.pkg("small")},
		[]string{g.tool("sessiongen"), g.pkg("small")},
		[]string{g.tool("sessiongen"), g.pkg("ten")},
		[]string{g.tool("sessiongen"), g.pkg("thousand")},
		[]string{g.tool("sessiongen"), g.pkg("many/p000")},
		[]string{g.tool("sessiongen"), g.pkg("many/...")},
	)
	if err != nil {
		return err
	}
	t := &table{title: "The generator, a process each time", head: []string{"", "ms", "range", "× packages.Load", "range"}}
	for i, name := range []string{
		"packages.Load alone, small package", "stringer, small package", "sessiongen, small package",
		"sessiongen, 10 fields", "sessiongen, 1,000 fields", "sessiongen, one of many packages", fmt.Sprintf("sessiongen, %d packages", g.many),
	} {
		ratio := times[i].Over(times[0])
		t.add(name, digits(times[i].Median()/1e6), span(times[i], 1e6), digits(ratio.Median()), span(ratio, 1))
	}
	b.report.publish(t)
	b.report.atMost("sessiongen against a bare packages.Load", 1.3, times[2].Over(times[0]).Median(), " ×")
	b.report.atMost("sessiongen against stringer", 1.2, times[2].Over(times[1]).Median(), " ×")
	b.report.atMost("1,000 fields against 10", 4, times[4].Over(times[3]).Median(), " ×")
	b.report.atMost(fmt.Sprintf("a package of %d against a run of its own", g.many), 0.2, times[6].Over(times[5]).Median()/float64(g.many), " ×")
	return nil
}

// timeCompiler compiles the generated code and hand-written getters and setters, without the linker and the build
// cache.
func (b *bench) timeCompiler(g *workshop) error {
	config := filepath.Join(g.dir, "importcfg")
	list, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}",
		g.pkg("thousand"), g.pkg("hand")).Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	if err := os.WriteFile(config, list, 0o644); err != nil {
		return err
	}
	compile := func(name string) []string {
		files, _ := filepath.Glob(filepath.Join(g.dir, name, "*.go")) // the pattern is a valid one
		return append([]string{"go", "tool", "compile", "-pack", "-p", name, "-importcfg", config, "-o", filepath.Join(g.dir, name+".a")}, files...)
	}
	g.rounds = (g.rounds + 1) / 2 // they are long
	times, err := g.turns(compile("hand"), compile("empty"), compile("presence"), compile("thousand"))
	if err != nil {
		return err
	}
	t := &table{title: "Compiling a session of 1,000 fields", head: []string{"", "ms", "range", "× hand-written"}}
	for i, name := range []string{
		"a struct with getters and setters", "sessiongen's methods, all empty", "getters and setters, Has and Clear", "sessiongen's output",
	} {
		t.add(name, digits(times[i].Median()/1e6), span(times[i], 1e6), digits(times[i].Over(times[0]).Median()))
	}
	b.report.publish(t)
	b.report.atMost("compile time of the generated code, 1,000 fields", 1.5, times[3].Over(times[0]).Median(), " ×")
	return nil
}
