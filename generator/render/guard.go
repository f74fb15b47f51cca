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

// schemaGuard declares the structs once more and assigns to them. An assignment compares fields and tags; a conversion
// would not compare tags.
func (o *output) schemaGuard() {
	var guards []jen.Code
	seen := map[string]bool{}
	for _, w := range o.file.Wraps {
		for _, g := range w.Guards {
			if !seen[g.Type.Text] {
				seen[g.Type.Text] = true
				guards = append(guards, jen.Id("_").Add(o.structType(g)).Op("=").Add(o.expr(g.Type)).Values())
			}
		}
	}
	if len(guards) == 1 {
		o.declare("// If this does not compile, the schema has changed: run go generate.", jen.Var().Add(guards[0]))
		return
	}
	o.declare("// If one of these does not compile, the schema has changed: run go generate.", jen.Var().Defs(guards...))
}

func (o *output) structType(g *schema.Struct) *jen.Statement {
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
