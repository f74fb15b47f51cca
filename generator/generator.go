// Package generator turns annotated structs into typed sessions. This file is the whole way: load the packages, parse
// their schemas into the model, check it, render it, and plan what has to be written.
//
// Generation returns a value and writes nothing. Writing its changes and checking that there are none are two uses of
// one result (package output writes).
package generator

import (
	"context"
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sessiongen/sessiongen/generator/check"
	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/load"
	"github.com/sessiongen/sessiongen/generator/output"
	"github.com/sessiongen/sessiongen/generator/parse"
	"github.com/sessiongen/sessiongen/generator/render"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// A Result is the outcome of one run.
type Result struct {
	Packages []Package         // in the order of their folders
	Found    []diag.Diagnostic // sorted; with mistakes among them there are no changes
	Hints    []diag.Diagnostic // sorted; for whoever asks for more
	Changes  []output.Change   // each file of ours, also those that stay as they are
	Loading  time.Duration     // the part of the run that went command and type checker took
}

// A Package is one package that was looked at.
type Package struct {
	Path      string // import path
	Schemas   int
	Unmarked  []parse.Unmarked // of a package without a schema
	Line      token.Position   // for go generate, of a package without a schema that has one
	Elsewhere string           // a file for another platform that seems to hold a schema
}

// Run generates the code of packages. An error says that something could not be read, or that the generator has a
// fault; mistakes in a schema are in the result.
func Run(ctx context.Context, cfg load.Config) (*Result, error) {
	start := time.Now()
	pkgs, err := load.Load(ctx, cfg)
	if err != nil {
		return nil, err
	}
	res := &Result{Loading: time.Since(start)}
	models := make([]*schema.Package, len(pkgs))
	for i, p := range pkgs {
		model, found := parse.Package(p)
		res.Found = append(res.Found, found...)
		res.Found = append(res.Found, check.Package(model)...)
		res.Hints = append(res.Hints, check.Hints(model)...)
		looked := Package{Path: p.Path, Schemas: schemas(model), Unmarked: parse.UnmarkedStructs(p)}
		if looked.Schemas == 0 && len(p.Apart) == 0 {
			looked.Line = parse.GenerateLine(p)
		}
		if i := slices.IndexFunc(p.Apart, schemaElsewhere); i >= 0 {
			looked.Elsewhere = p.Apart[i].Name
		}
		res.Packages = append(res.Packages, looked)
		models[i] = model
	}
	res.Hints = diag.Sort(res.Hints)
	if res.Found = diag.Sort(res.Found); diag.Mistakes(res.Found) {
		return res, nil
	}
	for i, p := range pkgs {
		changes, more, err := plan(p, models[i])
		if err != nil {
			return nil, err
		}
		res.Changes = append(res.Changes, changes...)
		res.Found = append(res.Found, more...)
	}
	if res.Found = diag.Sort(res.Found); diag.Mistakes(res.Found) {
		res.Changes = nil
	}
	return res, nil
}

// plan renders the files of a package and compares them with those that are there.
func plan(p *load.Package, model *schema.Package) ([]output.Change, []diag.Diagnostic, error) {
	var changes []output.Change
	var found []diag.Diagnostic
	for _, f := range model.Files {
		src, err := render.File(model, f)
		if err != nil {
			return nil, nil, fmt.Errorf("cannot generate code for %s: %w", filepath.Join(p.Dir, f.Source), err)
		}
		change, err := output.Plan(p.Root, filepath.Join(p.Dir, f.Output), src)
		if err != nil {
			return nil, nil, err
		}
		found = append(found, check.Source(model, f, change.Old, change.New)...)
		changes = append(changes, change)
	}
	for _, o := range p.Outputs {
		if orphaned(p, model, o) {
			changes = append(changes, output.PlanRemoval(p.Root, filepath.Join(p.Dir, o.Name), o.Content))
		}
	}
	return changes, found, nil
}

// orphaned reports whether no schema is left for an output. The schema of one that is for another platform is not seen
// here; where its source still mentions one, it stays.
func orphaned(p *load.Package, model *schema.Package, o *load.Output) bool {
	if slices.ContainsFunc(model.Files, func(f *schema.File) bool { return f.Output == o.Name }) {
		return false
	}
	elsewhere := func(f *load.File) bool { return f.Name == o.Source && f.MentionsSchema() }
	return !slices.ContainsFunc(p.Apart, elsewhere)
}

func schemaElsewhere(f *load.File) bool {
	return f.MentionsSchema() && !strings.HasSuffix(f.Name, "_test.go")
}

func schemas(model *schema.Package) int {
	n := 0
	for _, f := range model.Files {
		n += len(f.Wraps)
	}
	return n
}
