package generated

import (
	"go/types"

	"github.com/sessiongen/sessiongen/generator/convert"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// A Kind classifies the generated methods of a session.
type Kind int

const (
	NotGenerated Kind = iota
	Changes           // SetF, ClearF, AddF, AppendF, PutF, DeleteF, Renew
	Saves
	Destroys
	Counts    // CountF: saves the pending additions to the field, and returns its value
	Returns   // F, LookupF and TakeF: a copy of the field
	Snapshots // a copy of all fields
	Describes // Meta
	Shows     // and gives nothing of value away: HasF, String, GoString, Format, LogValue
)

// A Method is one generated method.
type Method struct {
	Kind  Kind
	Field *schema.Field // of a method that belongs to one
}

// ReportsError reports whether the method returns an error.
func (m Method) ReportsError() bool {
	return m.Kind == Saves || m.Kind == Destroys || m.Kind == Counts
}

// A Type is a generated session type.
type Type struct {
	Named   *types.Named
	methods map[string]Method
	Fields  []*schema.Field
}

// Method returns the generated method of this name.
func (t *Type) Method(name string) Method { return t.methods[name] }

// HasSecret reports whether the schema has a field with the secret option.
func (t *Type) HasSecret() bool {
	for _, f := range t.Fields {
		if f.Secret {
			return true
		}
	}
	return false
}

// recognise returns the session type that a struct with the marker session.Of[Schema] is, or nil.
func recognise(named *types.Named) *Type {
	st, ok := named.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for v := range st.Fields() {
		of, ok := types.Unalias(v.Type()).(*types.Named)
		if !ok || !isRuntime(of.Obj(), "Of") || of.TypeArgs().Len() != 1 {
			continue
		}
		fields, ok := of.TypeArgs().At(0).Underlying().(*types.Struct)
		if !ok {
			continue
		}
		t := &Type{Named: named, Fields: convert.Fields(named.Obj().Pkg(), fields)}
		t.methods = methodsOf(t.Fields)
		return t
	}
	return nil
}

// kinds maps the generator's list of methods to what a session does there.
var kinds = map[schema.MethodKind]Kind{
	schema.MethodSave: Saves, schema.MethodDestroy: Destroys, schema.MethodRenew: Changes,
	schema.MethodRemember: Changes,
	schema.MethodMeta:     Describes, schema.MethodSnapshot: Snapshots,
	schema.MethodString: Shows, schema.MethodFormat: Shows, schema.MethodGoString: Shows, schema.MethodLogValue: Shows,
	schema.MethodField: Shows, schema.MethodHas: Shows,
	schema.MethodGet: Returns, schema.MethodTake: Returns, schema.MethodLookup: Returns,
	schema.MethodSet: Changes, schema.MethodClear: Changes, schema.MethodAdd: Changes, schema.MethodAppend: Changes,
	schema.MethodPut: Changes, schema.MethodDelete: Changes,
	schema.MethodCount: Counts,
}

// methodsOf returns the generated methods of a session type, by name.
func methodsOf(fields []*schema.Field) map[string]Method {
	methods := map[string]Method{}
	for m := range schema.Methods(&schema.Wrapper{Fields: fields}) {
		methods[m.Name] = Method{kinds[m.Kind], m.Field}
	}
	return methods
}
