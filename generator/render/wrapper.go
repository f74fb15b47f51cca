package render

import (
	"fmt"

	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// A sessionType is one wrapper in the making: the type, its manager, its table and its methods.
type sessionType struct {
	*output
	w *schema.Wrapper
}

func (o *output) wrapper(w *schema.Wrapper) {
	t := &sessionType{output: o, w: w}
	t.declaration()
	t.manager()
	t.owner()
	t.table()
	t.methods()
}

func (t *sessionType) declaration() {
	t.declare(wrapperComment(t.w), jen.Type().Id(t.w.Name).Struct(
		jen.Id("_").Qual(sessionPath, "Of").Types(jen.Id(t.w.Struct)),
		jen.Id(schema.CoreField).Op("*").Qual(sessionPath, "Ref"),
	))
}

func (t *sessionType) manager() {
	name, constructor := t.w.Manager(), t.w.Constructor()
	t.declare(comment(fmt.Sprintf("%s loads and guards the %s of each request.", name, t.w.Name)),
		jen.Type().Id(name).Op("=").Qual(sessionPath, "Manager").Types(jen.Id(t.w.Name)))

	t.declare(comment(fmt.Sprintf("%s returns the manager of a site's %s. It reports what is wrong with cfg.",
		constructor, name)),
		jen.Func().Id(constructor).
			Params(jen.Id("store").Qual(sessionPath, "Store"), jen.Id("cfg").Qual(sessionPath, "Config")).
			Params(jen.Op("*").Id(name), jen.Error()).
			Block(jen.Return(jen.Qual(sessionPath, "NewManager").Call(
				jen.Id("store"), jen.Id("cfg"),
				jen.Qual(sessionPath, "Schema").Types(jen.Id(t.w.Name)).Add(lines(
					jen.Id("Name").Op(":").Lit(t.w.Name),
					jen.Id("Identity").Op(":").Lit(t.w.Identity),
					jen.Id("Fields").Op(":").Id(t.names.tables[t.w]).Index(jen.Op(":")),
					jen.Id("New").Op(":").Add(t.newSession()),
					jen.Id("Core").Op(":").Func().Params(t.local("s").Op("*").Id(t.w.Name)).Op("*").
						Qual(sessionPath, "Core").
						Add(oneLine(jen.Return(t.coreOf().Dot("Core")))),
				)),
			))))
}

// newSession is the function that allocates a session and, behind it, its core and slots, in one piece.
func (t *sessionType) newSession() *jen.Statement {
	v := func() *jen.Statement { return t.local("v") }
	return jen.Func().Params().
		Params(jen.Op("*").Id(t.w.Name), jen.Op("*").Qual(sessionPath, "Core"), jen.Index().Qual(recordPath, "Slot")).
		Block(
			v().Op(":=").Op("&").Struct(
				jen.Id("session").Id(t.w.Name),
				jen.Id("core").Qual(sessionPath, "Core"),
				jen.Id("slots").Index(jen.Lit(len(t.w.Fields))).Qual(recordPath, "Slot"),
			).Values(),
			v().Dot("session").Dot(schema.CoreField).Op("=").Add(v()).Dot("core").Dot("Ref").Call(),
			jen.Return(jen.Op("&").Add(v()).Dot("session"), jen.Op("&").Add(v()).Dot("core"),
				v().Dot("slots").Index(jen.Op(":"))),
		)
}

// lines are the braces of a composite literal with each element on a line of its own.
func lines(elements ...jen.Code) *jen.Statement {
	return jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, elements...)
}
