// Package render writes the source of generated files: from the model in package schema to Go that gofmt, go vet and
// staticcheck leave alone.
//
// The output is thin: methods that delegate to the runtime's session.Core with the number of their field, one static
// table of the fields, and a pair of functions for each type that takes more than one call to read and to write. No
// code runs at start, so that a schema costs nothing but its compilation.
//
// The package trusts the model: mistakes in a schema have been reported before it is called. It decides nothing but how
// things are written, and the names of things that the user did not name.
//
// It is the only importer of jennifer, which writes tokens and collects imports but knows nothing of the package that
// the file will stand in. How the output avoids the names that this package declares is in names.go and imports.go.
package render

import (
	"bytes"
	"fmt"
	"go/format"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

const (
	modulePath  = "github.com/sessiongen/sessiongen"
	recordPath  = modulePath + "/runtime/record"
	sessionPath = modulePath + "/runtime/session"
)

// File returns the source of f.Output, a file of pkg. Equal models give equal bytes, whatever the order of pkg.Files.
// An error is a fault of this package.
func File(pkg *schema.Package, f *schema.File) ([]byte, error) {
	o := newOutput(pkg, f)
	o.generationGuard()
	o.schemaGuard()
	for _, w := range f.Wraps {
		o.wrapper(w)
	}
	o.functions()
	return o.source()
}

// An output is one file in the making.
type output struct {
	pkg   *schema.Package
	file  *schema.File
	names *names
	jen   *jen.File
	fault error // something that could not be written
}

func newOutput(pkg *schema.Package, f *schema.File) *output {
	o := &output{pkg: pkg, file: f, names: planNames(pkg, f), jen: jen.NewFilePathName(pkg.Path, pkg.Name)}
	o.jen.NoFormat = true // source formats once, after adding the lines that jennifer does not write
	o.nameImports()
	return o
}

// declare adds a declaration of the package level below its comment.
func (o *output) declare(comment string, code *jen.Statement) {
	if comment != "" {
		o.jen.Comment(comment)
	}
	o.jen.Add(code)
	o.jen.Line()
}

// local names a parameter or variable of the output.
func (o *output) local(name string) *jen.Statement { return jen.Id(o.names.locals[name]) }

// source puts the file together and formats it.
func (o *output) source() ([]byte, error) {
	if o.fault != nil {
		return nil, fmt.Errorf("cannot write %s: %w", o.file.Output, o.fault)
	}
	var body bytes.Buffer
	if err := o.jen.Render(&body); err != nil {
		return nil, fmt.Errorf("cannot write %s: %w", o.file.Output, err)
	}
	var b bytes.Buffer
	b.WriteString(schema.Header(o.file.Source) + "\n\n")
	if o.file.Build != "" {
		b.WriteString(o.file.Build + "\n\n")
	}
	b.Write(groupImports(body.Bytes()))
	src, err := format.Source(b.Bytes())
	if err == nil && o.nameless() {
		src, err = format.Source(src) // gofmt needs a second round where it has broken the type in a signature
	}
	if err != nil {
		return nil, fmt.Errorf("cannot write %s: %w", o.file.Output, err)
	}
	return src, nil
}

// nameless reports whether a struct type without a name is written in this file.
func (o *output) nameless() bool {
	return slices.ContainsFunc(exprs(o.file), func(e schema.Expr) bool { return strings.Contains(e.Text, "struct{") })
}

// oneLine is the body of a function of one statement. gofmt breaks it where it would get too long.
func oneLine(statement jen.Code) *jen.Statement {
	return jen.Custom(jen.Options{Open: "{ ", Close: " }"}, statement)
}
