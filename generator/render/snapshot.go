package render

import (
	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// value is the expression for the value of the i-th field: its getter, for which a flash field has none.
func (t *sessionType) value(i int, f *schema.Field) *jen.Statement {
	if f.Flash {
		return t.get(i, f)
	}
	return t.local("s").Dot(f.Name).Call()
}

// snapshot writes the method that returns a value of the schema's struct. Fields of its own stand in a literal; promoted
// ones are assigned after it, since the model does not say how the types of embedded structs are written. Those that are
// embedded by pointer are allocated, so that a template may look into them.
func (t *sessionType) snapshot() {
	var elements, assignments []jen.Code
	allocated := map[string]bool{}
	for i, f := range t.w.Fields {
		if len(f.Path) == 1 {
			elements = append(elements, jen.Id(f.Name).Op(":").Add(t.value(i, f)))
			continue
		}
		dotted := ""
		for j, s := range f.Path {
			dotted += "." + s.Name
			if s.Ptr == nil || allocated[dotted] {
				continue
			}
			allocated[dotted] = true
			embedded := jen.Op("&").Add(t.expr(*s.Ptr)).Values()
			if j == 0 {
				elements = append(elements, jen.Id(s.Name).Op(":").Add(embedded))
			} else {
				assignments = append(assignments, selectPath(t.local("v"), f.Path[:j+1]).Op("=").Add(embedded))
			}
		}
		assignments = append(assignments, selectPath(t.local("v"), f.Path).Op("=").Add(t.value(i, f)))
	}
	literal := jen.Id(t.w.Struct).Add(lines(elements...))
	result := jen.Id(t.w.Struct)
	body := []jen.Code{jen.Return(literal)}
	if assignments != nil {
		// Named, since a return that names v would copy it, and the schema may hold a lock that it leaves out.
		result = jen.Params(t.local("v").Add(result))
		body = append(append([]jen.Code{t.local("v").Op("=").Add(literal)}, assignments...), jen.Return())
	}
	text := "Snapshot returns the fields as a plain struct."
	if t.hasSecret() {
		text = "Snapshot returns the fields as a plain struct, secret ones too."
	}
	t.declare(comment(text), jen.Func().Params(t.local("s").Op("*").Id(t.w.Name)).Id("Snapshot").Params().Add(result).Block(body...))
}

func (t *sessionType) hasSecret() bool {
	for _, f := range t.w.Fields {
		if f.Secret {
			return true
		}
	}
	return false
}
