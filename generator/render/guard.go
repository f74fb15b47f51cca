package render

import (
	"strconv"

	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// generation is that of the runtime which this generator writes for.
const generation = 1

// generationGuard declares constants that underflow if the runtime is older than the output, or no longer supports it.
func (o *output) generationGuard() {
	o.declare(
		"// This file and the runtime belong to one generation. If one of these lines does not compile, update\n"+
			"// "+modulePath+" and run go generate.",
		jen.Const().Defs(
			jen.Id("_").Op("=").Uint().Call(jen.Qual(sessionPath, "Generation").Op("-").Lit(generation)),
			jen.Id("_").Op("=").Uint().Call(jen.Lit(generation).Op("-").Qual(sessionPath, "OldestGeneration")),
		))
}

// schemaGuard declares the types once more. Structs are assigned to: an assignment compares fields and tags; a
// conversion would not compare tags. Pointers to other types are converted: a conversion of those compares what stands
// behind the names, and nothing less. The declarations are aliases, not types, or nothing could be assigned; the
// compiler's message gives their name all the same, so that it can tell the reader that the schema has changed.
func (o *output) schemaGuard() {
	var aliases, structs, others []jen.Code
	for _, g := range guarded(o.file) {
		name := o.names.guards[g.Type.Text]
		if g.Behind != nil {
			aliases = append(aliases, jen.Id(name).Op("=").Add(o.expr(*g.Behind)))
			pointer := jen.Parens(jen.Op("*").Add(o.expr(g.Type))).Call(jen.Nil())
			others = append(others, jen.Id("_").Op("=").Parens(jen.Op("*").Id(name)).Call(pointer))
			continue
		}
		aliases = append(aliases, jen.Id(name).Op("=").Add(o.structType(g)))
		structs = append(structs, jen.Id("_").Id(name).Op("=").Add(o.expr(g.Type)).Values())
	}
	const text = "// What the schema was like when this file was generated. If it has changed, this does not " +
		"compile: run go generate."
	o.declare(text, jen.Type().Add(group(aliases)))
	o.declare("", jen.Var().Add(group(structs)))
	if len(others) > 0 {
		o.declare("", jen.Var().Add(group(others)))
	}
}

// group puts parentheses around several declarations.
func group(defs []jen.Code) jen.Code {
	if len(defs) == 1 {
		return defs[0]
	}
	return (&jen.Statement{}).Defs(defs...)
}

// guardName is a name for the compiler's message about a type that has changed: cannot use Item{} (value of struct
// type Item) as run_go_generate_Item_has_changed value in variable declaration.
func guardName(of string) string { return "run_go_generate_" + of + "_has_changed" }

// guarded returns the types that a file's output repeats, each once.
func guarded(f *schema.File) []*schema.Guard {
	var guards []*schema.Guard
	seen := map[string]bool{}
	for _, w := range f.Wraps {
		for _, g := range w.Guards {
			if !seen[g.Type.Text] {
				seen[g.Type.Text] = true
				guards = append(guards, g)
			}
		}
	}
	return guards
}

func (o *output) structType(g *schema.Guard) *jen.Statement {
	var fields []jen.Code
	for _, f := range g.Fields {
		line := &jen.Statement{}
		if !f.Embedded {
			line.Id(f.Name)
		}
		line.Add(o.expr(f.Type))
		if f.Tag != "" {
			line.Op(quoteTag(f.Tag))
		}
		fields = append(fields, line)
	}
	return jen.Struct(fields...)
}

// quoteTag writes a tag as people do where that is possible.
func quoteTag(tag string) string {
	if strconv.CanBackquote(tag) {
		return "`" + tag + "`"
	}
	return strconv.Quote(tag)
}
