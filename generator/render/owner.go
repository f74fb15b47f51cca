package render

import (
	"fmt"
	"go/token"
	"go/types"

	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// owner declares the function that returns the sessions of one owner, typed by the field that names him.
func (t *sessionType) owner() {
	f := t.w.Owner()
	if f == nil {
		return
	}
	name := t.w.OwnerFunction()
	text := fmt.Sprintf("%s returns the sessions of one owner: those in which %s has this value. They can be listed and "+
		"ended.", name, f.Name)
	param := t.ownerParam(f)
	t.declare(comment(sentences(text)), jen.Func().Id(name).
		Params(t.local("m").Op("*").Id(t.w.Manager()), jen.Id(param).Add(t.expr(f.Type.Expr))).
		Qual(sessionPath, "Owner").Types(jen.Id(t.w.Name)).
		Add(oneLine(jen.Return(jen.Qual(sessionPath, "OwnerOf").Call(append([]jen.Code{t.local("m")}, t.ownerValue(f, param)...)...)))))
}

// ownerValue is the value, and what writes it.
func (t *sessionType) ownerValue(f *schema.Field, param string) []jen.Code {
	if isBasic(f.Type) {
		return []jen.Code{
			t.toBasic(f.Type, jen.Id(param)),
			jen.Parens(jen.Op("*").Qual(recordPath, "Writer")).Dot(basicName(f.Type)),
		}
	}
	return []jen.Code{jen.Id(param), t.writeFunc(f.Type)}
}

// ownerParam names the parameter after the field, unless the signature or the body needs that name for something else.
func (t *sessionType) ownerParam(f *schema.Field) string {
	name := lowerFirst(f.Name)
	used := map[string]bool{t.names.locals["m"]: true, "session": true, "record": true}
	for _, e := range exprs(t.file) {
		mentions(syntax(e), used)
		for _, imp := range e.Imports {
			used[imp.Name] = true
		}
	}
	if used[name] || t.names.declared[name] || !token.IsIdentifier(name) || types.Universe.Lookup(name) != nil {
		return t.names.locals["v"]
	}
	return name
}
