// Package parse finds schemas: it reads directives and files, has package convert turn the marked structs into the
// model of package schema, and adds the position of each word and the comments.
//
// It reports what cannot be understood or stored. Whether what was understood makes sense as a whole (options that
// exclude each other, names that collide) is left to package check.
package parse

import (
	"go/ast"
	"go/build/constraint"
	"go/types"
	"slices"
	"strings"

	"github.com/sessiongen/sessiongen/generator/convert"
	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/load"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// Package reads all schemas of a package. The model is complete as far as there are no diagnostics.
func Package(p *load.Package) (*schema.Package, []diag.Diagnostic) {
	r := &reader{pkg: p}
	out := &schema.Package{Path: p.Path, Name: p.Name, Dir: p.Dir}
	var directives []*directive
	for _, f := range p.Files {
		directives = append(directives, r.directives(f)...)
	}
	for _, f := range p.Apart {
		r.rejectTestSchemas(f)
	}
	if len(directives) == 0 || r.mixedPackages() || r.endlessTypes() {
		return out, r.found
	}
	out.Scope = r.scope()
	r.indexFields()
	for _, d := range directives {
		w := r.wrapper(d)
		if w == nil {
			continue
		}
		w.Methods = r.methods(w.Name)
		if n := len(out.Files); n == 0 || out.Files[n-1].Source != d.file.Name {
			out.Files = append(out.Files, r.file(d.file))
		}
		f := out.Files[len(out.Files)-1]
		f.Wraps = append(f.Wraps, w)
	}
	return out, r.found
}

// mixedPackages reports files of several packages in one folder, which leaves no types to go by.
func (r *reader) mixedPackages() bool {
	var first *load.File
	for _, f := range r.pkg.Files {
		switch name := f.Syntax.Name.Name; {
		case name == "": // not even that could be parsed
		case first == nil:
			first = f
		case name != first.Syntax.Name.Name:
			r.say(f.Syntax.Name.Pos(),
				"package %s here, but package %s in %s: a folder holds one package", name, first.Syntax.Name.Name,
				first.Name)
			return true
		}
	}
	return false
}

// endlessTypes reports generic types that need ever larger instances of themselves. To follow one would take for ever.
func (r *reader) endlessTypes() bool {
	found := false
	for _, e := range r.pkg.TypeErrors {
		if strings.HasPrefix(e.Msg, "instantiation cycle") {
			found = true
			r.say(e.Pos,
				"%s: this type contains ever larger instances of itself: refer to what it contains by a key",
				firstLine(e.Msg))
		}
	}
	return found
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSuffix(line, ":")
}

func (r *reader) file(f *load.File) *schema.File {
	out := &schema.File{Source: f.Name, Output: schema.OutputName(f.Name), Build: buildLine(f)}
	isOutput := func(g *load.File) bool { return strings.EqualFold(g.Name, out.Output) }
	for _, g := range slices.Concat(r.pkg.Files, r.pkg.Apart) {
		if isOutput(g) {
			out.Taken = r.pkg.Position(g.Syntax.FileStart)
		}
	}
	return out
}

// wrapper reads the schema that a directive marks.
func (r *reader) wrapper(d *directive) *schema.Wrapper {
	name, identity := r.arguments(d)
	named := r.schemaType(d)
	if named == nil {
		return nil
	}
	st := named.Underlying().(*types.Struct)
	w := &schema.Wrapper{
		Name:     name,
		Struct:   d.spec.Name.Name,
		Identity: identity,
		Doc:      plainText(d.doc),
		Pos:      r.pkg.Position(d.spec.Name.Pos()),
	}
	c := convert.New(r.pkg.Types)
	fields, mistakes := c.Schema(named)
	r.report(nil, mistakes)
	for _, f := range fields {
		w.Fields = append(w.Fields, r.field(c, st, f))
	}
	w.Guards = c.Guards()
	w.HoldsLock = c.HoldsLock(named)
	return w
}

// schemaType returns the struct type under a directive, or says why there is none.
func (r *reader) schemaType(d *directive) *types.Named {
	name := d.spec.Name
	switch {
	case d.spec.Assign.IsValid():
		r.say(name.Pos(),
			"%s is an alias: put the directive on the struct that it stands for, or declare a type of its own",
			name.Name)
		return nil
	case d.spec.TypeParams != nil:
		r.say(d.spec.TypeParams.Pos(),
			"%s has type parameters: a schema is one concrete struct; declare one, with fields of instantiated types",
			name.Name)
		return nil
	case name.Name == "_":
		r.say(name.Pos(), "the schema needs a name: call it SessionSchema")
		return nil
	}
	obj, ok := r.pkg.Types.Scope().Lookup(name.Name).(*types.TypeName)
	if ok && obj.Pos() != name.Pos() {
		r.say(name.Pos(), "%s is declared twice, before at %s: rename one of them", name.Name, r.short(obj.Pos()))
		return nil
	}
	if !ok {
		r.say(name.Pos(), "%s is declared as something else, too: rename one of them", name.Name)
		return nil
	}
	switch u := obj.Type().Underlying().(type) {
	case *types.Struct:
		if _, literal := ast.Unparen(d.spec.Type).(*ast.StructType); !literal {
			r.say(d.spec.Type.Pos(),
				"a schema lists its own fields: declare %s as a struct that embeds this type", name.Name)
			return nil
		}
		return obj.Type().(*types.Named)
	case *types.Basic:
		if u.Kind() == types.Invalid {
			r.unresolved(d.spec.Type, name.Name)
			return nil
		}
	}
	r.say(name.Pos(), "%s is not a struct: a schema is a struct whose fields are the session's fields", name.Name)
	return nil
}

// field reads one field of a schema.
func (r *reader) field(c *convert.Converter, st *types.Struct, f convert.Field) *schema.Field {
	out, mistakes := c.Field(f)
	top := st.Field(f.Index[0])
	out.Pos, out.TagPos = r.positions(f, top)
	if node := r.nodes[f.Var.Pos()]; node != nil {
		out.Doc = plainText(node.Doc, node.Comment)
	}
	r.report(top, mistakes)
	return out
}

// plainText returns what comments say, without markers and directives.
func plainText(groups ...*ast.CommentGroup) string {
	var texts []string
	for _, g := range groups {
		if g == nil {
			continue
		}
		said := &ast.CommentGroup{List: slices.DeleteFunc(slices.Clone(g.List), oldDirective)}
		if text := strings.TrimSpace(said.Text()); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n")
}

// oldDirective recognises directives of forms that ast.CommentGroup.Text takes for prose. A +build line would even
// count: gofmt makes a constraint of it wherever it stands.
func oldDirective(c *ast.Comment) bool {
	return constraint.IsPlusBuild(c.Text) || strings.HasPrefix(c.Text, "//nolint")
}
