package main

import (
	"context"
	"fmt"
	"go/token"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sessiongen/sessiongen/generator"
	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/load"
	"github.com/sessiongen/sessiongen/generator/output"
)

// A command is one run of the generator for a person or a script.
type command struct {
	stdout, stderr io.Writer
	check, verbose bool
	format         diag.Format
	patterns       []string
	dir            string
}

func (c *command) run() int {
	start := time.Now()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if c.dir, err = os.Getwd(); err != nil {
		return c.trouble(err)
	}
	res, err := generator.Run(ctx, load.Config{Dir: c.dir, Patterns: c.patterns})
	if err != nil {
		return c.trouble(err)
	}
	if err := c.print(slices.Concat(res.Found, c.nothingToDo(res), c.cutShort(res.Changes))...); err != nil {
		return c.trouble(err)
	}
	if diag.Mistakes(res.Found) {
		return exitMistake
	}
	code := exitFine
	if c.check {
		code, err = c.report(res.Changes)
	} else {
		err = output.Write(res.Changes)
	}
	if err != nil {
		return c.trouble(err)
	}
	if c.verbose {
		if err := c.print(res.Hints...); err != nil {
			return c.trouble(err)
		}
		c.narrate(res, time.Since(start))
	}
	return code
}

func (c *command) print(ds ...diag.Diagnostic) error {
	return diag.Print(c.stderr, c.format, c.dir, ds)
}

// trouble reports what is wrong with the call and not with a schema. If that cannot be printed either, the exit code
// remains.
func (c *command) trouble(err error) int {
	if c.format == diag.Text {
		fmt.Fprintf(c.stderr, "sessiongen: %v\n", err)
	} else {
		_ = c.print(diag.Diagnostic{Message: err.Error()})
	}
	return exitTrouble
}

// report says what is not up to date, with the differences on standard output, where they make a patch.
func (c *command) report(changes []output.Change) (int, error) {
	words := map[output.Action]string{
		output.Create: "missing: run go generate, and commit the file",
		output.Update: "not up to date: run go generate, and commit the file",
		output.Remove: "no schema is left for this file: run go generate, and commit its removal",
	}
	code := exitFine
	for _, change := range changes {
		if change.Action == output.Keep {
			continue
		}
		code = exitMistake
		d := diag.Diagnostic{Message: words[change.Action]}
		d.Pos.Filename, d.Pos.Line, d.Pos.Column = change.Path, 1, 1
		if err := c.print(d); err != nil {
			return code, err
		}
		if change.Action == output.Update {
			if _, err := c.stdout.Write(change.Diff(diag.Relative(c.dir, change.Path))); err != nil {
				return code, err
			}
		}
	}
	return code, nil
}

// nothingToDo speaks up if a person, or a go:generate line, named packages and there is no schema in any: most likely
// the directive is missing. A person's pattern for many packages may well match some without a schema: there it is said
// of those alone that have a go:generate line, or a struct that can be nothing but a schema.
func (c *command) nothingToDo(res *generator.Result) []diag.Diagnostic {
	wild := slices.ContainsFunc(c.patterns, func(p string) bool { return strings.Contains(p, "...") })
	line := c.generateLine()
	switch {
	case diag.Mistakes(res.Found):
		return nil
	case wild && !line.IsValid():
		return forgotten(res.Packages)
	case len(res.Changes) > 0:
		return nil
	}
	var notes []diag.Diagnostic
	for _, p := range res.Packages {
		for _, near := range p.Unmarked {
			notes = append(notes, unmarked(near.Struct, near.Pos))
		}
		switch {
		case len(p.Unmarked) > 0 || wild:
		case p.Elsewhere != "":
			notes = append(notes, diag.NoteAt(line, "no schema in package %s for this platform: the one in %s is for "+
				"another, by its name or its build constraint", p.Path, p.Elsewhere))
		default:
			notes = append(notes, diag.NoteAt(line,
				"no schema in package %s: mark a struct with //sessiongen:schema", p.Path))
		}
	}
	if wild && len(notes) == 0 {
		notes = append(notes, diag.NoteAt(line,
			"no schema in any package here: mark a struct with //sessiongen:schema"))
	}
	return notes
}

// forgotten says which packages without a schema must be meant to have one.
func forgotten(packages []generator.Package) []diag.Diagnostic {
	var notes []diag.Diagnostic
	for _, p := range packages {
		before := len(notes)
		for _, near := range p.Unmarked {
			if near.Options || p.Line.IsValid() {
				notes = append(notes, unmarked(near.Struct, near.Pos))
			}
		}
		if len(notes) == before && p.Line.IsValid() {
			notes = append(notes, diag.NoteAt(p.Line, "no schema in package %s, so this line generates nothing: "+
				"mark a struct with //sessiongen:schema", p.Path))
		}
	}
	return notes
}

func unmarked(name string, pos token.Position) diag.Diagnostic {
	return diag.NoteAt(pos,
		"%s has session tags but no //sessiongen:schema above it, so nothing is generated for it", name)
}

// cutShort explains what go generate is about to say: it has listed the files of the package before, opens each in
// its turn, and stops where one behind the line that has started this run is gone.
func (c *command) cutShort(changes []output.Change) []diag.Diagnostic {
	line := c.generateLine()
	if c.check || !line.IsValid() || strings.HasSuffix(line.Filename, "_test.go") {
		return nil
	}
	for _, change := range changes {
		if change.Action == output.Remove && filepath.Dir(change.Path) == filepath.Dir(line.Filename) &&
			change.Path > line.Filename {
			return []diag.Diagnostic{diag.NoteAt(line, "%s is removed, since no schema is left for it: go generate has "+
				"yet to open it, and stops there with an error; run it again", filepath.Base(change.Path))}
		}
	}
	return nil
}

// generateLine is where the go:generate line stands that has started this run, if one has (go help generate).
func (c *command) generateLine() token.Position {
	line, err := strconv.Atoi(os.Getenv("GOLINE"))
	if file := os.Getenv("GOFILE"); file != "" && err == nil {
		return token.Position{Filename: filepath.Join(c.dir, file), Line: line}
	}
	return token.Position{}
}

// narrate tells what was done, or with -check would be.
func (c *command) narrate(res *generator.Result, took time.Duration) {
	words := map[output.Action]string{
		output.Keep: "unchanged", output.Create: "created", output.Update: "updated", output.Remove: "removed",
	}
	if c.check {
		words = map[output.Action]string{
			output.Keep: "up to date", output.Create: "missing", output.Update: "differs",
			output.Remove: "to be removed",
		}
	}
	for _, change := range res.Changes {
		fmt.Fprintf(c.stderr, "sessiongen: %s %s\n", diag.Relative(c.dir, change.Path), words[change.Action])
	}
	schemas := 0
	for _, p := range res.Packages {
		schemas += p.Schemas
	}
	fmt.Fprintf(c.stderr, "sessiongen: %s, %s: %v, of which loading %v\n",
		count(len(res.Packages), "package"), count(schemas, "schema"),
		took.Round(time.Millisecond), res.Loading.Round(time.Millisecond))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
