package render

import (
	"slices"

	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// shape writes a pointer to the record.Shape of a type, or returns nil for a type without structs at a place that has a
// name. The Shape of a struct that holds others is a variable, written once however often the struct occurs.
func (o *output) shape(t *schema.Type) *jen.Statement {
	switch t.Kind {
	case schema.KindPointer:
		return o.shape(t.Elem)
	case schema.KindMap:
		if values := o.shape(t.Elem); values != nil {
			return jen.Op("&").Qual(recordPath, "Shape").Values(jen.Id("Values").Op(":").Add(values))
		}
	case schema.KindStruct:
		if slices.ContainsFunc(t.Members, func(m *schema.Member) bool { return hasShape(m.Type) }) {
			return jen.Op("&").Id("shape" + o.names.functions[typeKey(t)])
		}
		return jen.Op("&").Qual(recordPath, "Shape").Values()
	}
	return nil
}

func hasShape(t *schema.Type) bool {
	switch t.Kind {
	case schema.KindPointer, schema.KindMap:
		return hasShape(t.Elem)
	}
	return t.Kind == schema.KindStruct
}

// shapeVariable declares the Shape of a struct that holds others.
func (o *output) shapeVariable(t *schema.Type) {
	if t.Kind != schema.KindStruct {
		return
	}
	var members []jen.Code
	for _, m := range byKey(t) {
		if s := o.shape(m.Type); s != nil {
			members = append(members, jen.Values(jen.Id("Key").Op(":").Lit(m.Key), jen.Id("Shape").Op(":").Add(s)))
		}
	}
	if members != nil {
		list := jen.Id("Members").Op(":").Index().Qual(recordPath, "Member").Add(lines(members...))
		o.declare("", jen.Var().Id("shape"+o.names.functions[typeKey(t)]).Op("=").Qual(recordPath, "Shape").Values(list))
	}
}
