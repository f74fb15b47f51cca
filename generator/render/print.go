package render

import "github.com/dave/jennifer/jen"

// printing writes the methods that show a session, and the one by which they get at the fields whose types the runtime
// does not know, if there are any. The values of secret fields are not even handed to them.
func (t *sessionType) printing() {
	which := "the fields that have a value"
	if t.hasSecret() {
		which += ", secret ones redacted"
	}
	var cases []jen.Code
	for i, f := range t.w.Fields {
		if !f.Secret && (!isBasic(f.Type) || f.Type.Named) {
			cases = append(cases, jen.Case(jen.Lit(i)).Block(jen.Return(t.value(i, f))))
		}
	}
	field := jen.Nil()
	if cases != nil {
		field = t.local("s").Dot("field")
	}
	t.method(comment("String shows "+which+"."),
		"String", nil, jen.String(), jen.Return(t.callCore("Text", jen.Lit(t.w.Name), field)))
	t.method("// Format prints String, whatever the verb.",
		"Format", []jen.Code{jen.Id("f").Qual("fmt", "State"), jen.Id("_").Rune()}, nil, t.callCore("Print", jen.Id("f"), t.local("s").Dot("String").Call()))
	t.method("// GoString is String.",
		"GoString", nil, jen.String(), jen.Return(t.local("s").Dot("String").Call()))
	t.method(comment("LogValue is a group of "+which+"."),
		"LogValue", nil, jen.Qual("log/slog", "Value"), jen.Return(t.callCore("LogValue", field)))
	if cases != nil {
		t.declare("// field returns the value of a field whose type the runtime does not know, to be shown.",
			jen.Func().Params(t.local("s").Op("*").Id(t.w.Name)).Id("field").Params(t.local("i").Int()).Add(t.any()).Block(
				jen.Switch(t.local("i")).Block(cases...),
				jen.Return(jen.Nil()),
			))
	}
}

// any writes the empty interface, in a package that calls something else any too.
func (o *output) any() *jen.Statement {
	if _, hidden := o.pkg.Scope["any"]; hidden {
		return jen.Interface()
	}
	return jen.Any()
}
