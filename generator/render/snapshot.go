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

// snapshot writes the method that returns a value of the schema's struct. Structs that are embedded by pointer are
// allocated, so that a template may look into them.
//
// It assigns to one field after the other: a literal would be made on the side and copied, and takes the compiler
// longer. A schema may hold a lock in a field that it leaves out. To return a variable would copy it, which go vet
// refuses (copylocks), so that the result has a name there.
func (t *sessionType) snapshot(m schema.Method) {
	var body []jen.Code
	allocated := map[string]bool{}
	flashes := false
	for i, f := range t.w.Fields {
		if f.Flash {
			flashes = true
			continue
		}
		dotted := ""
		for j, s := range f.Path {
			dotted += "." + s.Name
			if s.Ptr == nil || allocated[dotted] {
				continue
			}
			allocated[dotted] = true
			body = append(body, selectPath(t.local("v"), f.Path[:j+1]).Op("=").Op("&").Add(t.expr(*s.Ptr)).Values())
		}
		body = append(body, selectPath(t.local("v"), f.Path).Op("=").Add(t.value(i, f)))
	}
	variable := t.local("v").Id(t.w.Struct)
	result := jen.Id(t.w.Struct)
	if t.w.HoldsLock {
		result = jen.Params(variable)
		body = append(body, jen.Return().Comment("by its name, since to return v would copy the lock in it"))
	} else {
		body = append([]jen.Code{jen.Var().Add(variable)}, append(body, jen.Return(t.local("v")))...)
	}
	text := m.Name + " returns the fields as a plain struct"
	if t.hasSecret() {
		text += ", secret ones too"
	}
	if flashes {
		text += ", but for flashes, which only Take shows"
	}
	t.declare(comment(sentences(text+".")), t.receiver(m).Params().Add(result).Block(body...))
}

func (t *sessionType) hasSecret() bool {
	for _, f := range t.w.Fields {
		if f.Secret {
			return true
		}
	}
	return false
}
