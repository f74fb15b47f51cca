package convert

import (
	"go/types"

	"github.com/sessiongen/sessiongen/generator/schema"
)

// Fields reads the keys and options of a schema of which only the type is known, as from export data: the fields in
// source order, embedded structs promoted, without positions, comments and types. Mistakes are passed over; whoever
// generated the session's code has seen them.
func Fields(st *types.Struct) []*schema.Field {
	c := New(nil)
	fields, _ := c.fields(st, st)
	var out []*schema.Field
	for _, f := range fields {
		sf, _ := f.withOptions()
		out = append(out, sf)
	}
	return out
}

// withOptions returns the model of a field without its type.
func (f Field) withOptions() (*schema.Field, []fault) {
	out := &schema.Field{Name: f.Var.Name(), Path: f.path, Key: f.key}
	return out, applyOptions(out, f.Tag.Options)
}
