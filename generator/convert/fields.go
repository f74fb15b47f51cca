package convert

import (
	"go/types"

	"github.com/sessiongen/sessiongen/generator/schema"
)

// Fields reads the fields of a schema of which only the type is known, as from export data: in source order, embedded
// structs promoted, without positions and comments. own is the package of the schema. Mistakes are passed over: the
// generator of the session's code has reported them.
func Fields(own *types.Package, st *types.Struct) []*schema.Field {
	c := New(own)
	c.open = append(c.open, open{typ: st})
	fields, _ := c.fields(st, st)
	var out []*schema.Field
	for _, f := range fields {
		sf, _ := c.Field(f)
		out = append(out, sf)
	}
	return out
}

// withOptions returns the model of a field without its type.
func (f Field) withOptions() (*schema.Field, []fault) {
	out := &schema.Field{Name: f.Var.Name(), Path: f.path, Key: f.key}
	return out, applyOptions(out, f.Tag.Options)
}
