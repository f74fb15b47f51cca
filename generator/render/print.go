package render

import (
	"slices"

	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

func (t *sessionType) string(m schema.Method) {
	t.method(m, comment(m.Name+" shows "+t.shown()+"."), nil, jen.String(),
		jen.Return(t.callCore("Text", jen.Lit(t.w.Name), t.fieldFunc())))
}

func (t *sessionType) format(m schema.Method) {
	params := []jen.Code{jen.Id("f").Qual("fmt", "State"), jen.Id("_").Rune()}
	t.method(m, comment(m.Name+" prints String, whatever the verb."), params, nil,
		t.callCore("Print", jen.Id("f"), t.callString()))
}

func (t *sessionType) goString(m schema.Method) {
	t.method(m, comment(m.Name+" is String."), nil, jen.String(), jen.Return(t.callString()))
}

func (t *sessionType) logValue(m schema.Method) {
	t.method(m, comment(m.Name+" is a group of "+t.shown()+"."), nil, jen.Qual("log/slog", "Value"),
		jen.Return(t.callCore("LogValue", t.fieldFunc())))
}

func (t *sessionType) callString() *jen.Statement { return t.local("s").Dot("String").Call() }

// shown names the fields that the methods show which print a session, for their comments.
func (t *sessionType) shown() string {
	if t.hasSecret() {
		return "the fields that have a value, secret ones redacted"
	}
	return "the fields that have a value"
}

// field writes the method by which the runtime shows the fields whose types it does not know, if there are any.
func (t *sessionType) field(m schema.Method) {
	var cases []jen.Code
	for i, f := range t.w.Fields {
		if shownByField(f) {
			cases = append(cases, jen.Case(jen.Lit(i)).Block(jen.Return(t.value(i, f))))
		}
	}
	if cases == nil {
		return
	}
	t.declare(comment(m.Name+" returns the value of a field whose type the runtime does not know, to be shown."),
		t.receiver(m).Params(t.local("i").Int()).Add(t.any()).Block(
			jen.Switch(t.local("i")).Block(cases...),
			jen.Return(jen.Nil()),
		))
}

// fieldFunc is the method that field writes, or nil.
func (t *sessionType) fieldFunc() *jen.Statement {
	if slices.ContainsFunc(t.w.Fields, shownByField) {
		return t.local("s").Dot("field")
	}
	return jen.Nil()
}

// shownByField reports whether the runtime asks for a field's value to show it. Those of secret fields are not even
// handed to it.
func shownByField(f *schema.Field) bool { return !f.Secret && (!isBasic(f.Type) || f.Type.Named) }

// any writes the empty interface, in a package that calls something else any too.
func (o *output) any() *jen.Statement {
	if _, hidden := o.pkg.Scope["any"]; hidden {
		return jen.Interface()
	}
	return jen.Any()
}
