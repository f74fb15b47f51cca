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
	t.table()
	t.lifecycle()
	t.snapshot()
	t.printing()
	for i, f := range w.Fields {
		t.accessors(i, f)
	}
}

func (t *sessionType) declaration() {
	t.declare(wrapperComment(t.w), jen.Type().Id(t.w.Name).Struct(
		jen.Id("_").Qual(sessionPath, "Of").Types(jen.Id(t.w.Struct)),
		jen.Id("core").Op("*").Qual(sessionPath, "Core"), // no verb of fmt follows a pointer here
	))
}

func (t *sessionType) manager() {
	name, constructor := t.w.Manager(), t.w.Constructor()
	t.declare(comment(fmt.Sprintf("%s loads and guards the %s of each request.", name, t.w.Name)),
		jen.Type().Id(name).Op("=").Qual(sessionPath, "Manager").Types(jen.Id(t.w.Name)))

	t.declare(comment(fmt.Sprintf("%s returns the manager of a site's %s. It reports what is wrong with cfg.", constructor, name)),
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
					jen.Id("Core").Op(":").Func().Params(t.local("s").Op("*").Id(t.w.Name)).Op("*").Qual(sessionPath, "Core").
						Add(oneLine(jen.Return(t.coreOf()))),
				)),
			))))
}

// newSession is the function that allocates a session and, behind it, what its core points to. What fmt finds in a session
// that it prints by reflection is one address: the session lies in an unexported field, or the verb is no good.
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
			v().Dot("session").Dot("core").Op("=").Op("&").Add(v()).Dot("core"),
			jen.Return(jen.Op("&").Add(v()).Dot("session"), jen.Op("&").Add(v()).Dot("core"), v().Dot("slots").Index(jen.Op(":"))),
		)
}

// lifecycle writes the methods that delegate to the core whatever the fields are.
func (t *sessionType) lifecycle() {
	t.method(comment(sentences("Save writes what has changed and sets the cookie if the session is new or has a new id. See session.Core.Save.")),
		"Save", nil, jen.Error(), jen.Return(t.callCore("Save")))
	t.method("// Renew gives the session a new id at the next Save.",
		"Renew", nil, nil, t.callCore("Renew"))
	t.method("// Destroy ends the session in the store and expires the cookie. The session is empty and new afterwards.",
		"Destroy", nil, jen.Error(), jen.Return(t.callCore("Destroy")))
	t.method("// Meta returns what is known of the session beside its fields.",
		"Meta", nil, jen.Qual(sessionPath, "Meta"), jen.Return(t.callCore("Meta")))
}

// method declares a method of one statement. params and results are nil where there are none.
func (t *sessionType) method(comment, name string, params []jen.Code, results, body *jen.Statement) {
	m := jen.Func().Params(t.local("s").Op("*").Id(t.w.Name)).Id(name).Params(params...)
	if results != nil {
		m.Add(results)
	}
	t.declare(comment, m.Add(oneLine(body)))
}

// coreOf is the Core of the receiver.
func (t *sessionType) coreOf() *jen.Statement { return t.local("s").Dot("core") }

// callCore calls a method of the receiver's Core.
func (t *sessionType) callCore(method string, args ...jen.Code) *jen.Statement {
	return t.coreOf().Dot(method).Call(args...)
}

// callRecord calls a generic function of package record for the i-th field of the receiver.
func (t *sessionType) callRecord(function string, i int, args ...jen.Code) *jen.Statement {
	fields := jen.Op("&").Add(t.coreOf()).Dot("Fields")
	return jen.Qual(recordPath, function).Call(append([]jen.Code{fields, jen.Lit(i)}, args...)...)
}

// lines are the braces of a composite literal with each element on a line of its own.
func lines(elements ...jen.Code) *jen.Statement {
	return jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, elements...)
}
