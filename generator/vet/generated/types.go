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
	Changes           // SetF, ClearF, AddF, AppendF, PutF, DeleteF, Renew, Remember
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
		t := &Type{Named: named, Fields: convert.Fields(fields)}
		t.methods = generatedMethods(named, t.Fields)
		return t
	}
	return nil
}

// generatedMethods computes from the schema the methods that the generator owns. A field's AppendF, PutF and the like
// are generated only for some types; a hand-written method of that name is told apart by its signature.
func generatedMethods(named *types.Named, fields []*schema.Field) map[string]Method {
	owned := map[string]Method{
		"Save": {Kind: Saves}, "Destroy": {Kind: Destroys}, "Renew": {Kind: Changes}, "Remember": {Kind: Changes},
		"Meta": {Kind: Describes}, "Snapshot": {Kind: Snapshots},
		"String": {Kind: Shows}, "GoString": {Kind: Shows}, "Format": {Kind: Shows}, "LogValue": {Kind: Shows},
	}
	signatures := map[string]*types.Signature{}
	for m := range named.Methods() {
		signatures[m.Name()] = m.Signature()
	}
	for _, f := range fields {
		change, value := Method{Changes, f}, Method{Returns, f}
		owned["Set"+f.Name], owned["Clear"+f.Name] = change, change
		owned["Has"+f.Name] = Method{Shows, f}
		if f.Flash {
			owned["Take"+f.Name] = value
		} else {
			owned[f.Name] = value
		}
		if f.Counter {
			owned["Add"+f.Name], owned["Count"+f.Name] = change, Method{Counts, f}
		}
		if f.JSON {
			continue
		}
		set := signatures["Set"+f.Name]
		if set == nil || set.Params().Len() != 1 {
			continue
		}
		switch t := set.Params().At(0).Type().Underlying().(type) {
		case *types.Slice:
			if s := signatures["Append"+f.Name]; s != nil && s.Variadic() && takes(s, types.NewSlice(t.Elem())) {
				owned["Append"+f.Name] = change
			}
		case *types.Map:
			if s := signatures["Put"+f.Name]; s != nil && takes(s, t.Key(), t.Elem()) {
				owned["Put"+f.Name] = change
			}
			if s := signatures["Delete"+f.Name]; s != nil && takes(s, t.Key()) {
				owned["Delete"+f.Name] = change
			}
			if s := signatures["Lookup"+f.Name]; s != nil && takes(s, t.Key()) {
				owned["Lookup"+f.Name] = value
			}
		}
	}
	return owned
}

func takes(s *types.Signature, params ...types.Type) bool {
	if s.Params().Len() != len(params) {
		return false
	}
	for i, t := range params {
		if !types.Identical(s.Params().At(i).Type(), t) {
			return false
		}
	}
	return true
}
