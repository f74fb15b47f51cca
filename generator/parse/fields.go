package parse

import (
	"go/types"

	"github.com/sessiongen/sessiongen/generator/schema"
)

// Fields reads the keys and options of a schema of which only the type is known, as from export data: the fields in
// source order, embedded structs promoted, without positions, comments and types. Mistakes are passed over; whoever
// generated the session's code has seen them.
func Fields(st *types.Struct) []*schema.Field {
	c := newConverter(nil)
	fields, _ := c.fields(st, st)
	var out []*schema.Field
	for _, f := range fields {
		sf := &schema.Field{Name: f.v.Name(), Path: f.path, Key: f.key}
		applyOptions(sf, f.tag.options)
		out = append(out, sf)
	}
	return out
}
