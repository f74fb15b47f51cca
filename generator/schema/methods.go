package schema

import "iter"

// A Method is one method of a session type.
type Method struct {
	Kind  MethodKind
	Name  string
	Field *Field // whose method it is, or nil for one that every session has
	Index int    // of Field in the wrapper's Fields
}

// A MethodKind says what a method of a session does.
type MethodKind int

const (
	MethodInvalid MethodKind = iota

	MethodSave
	MethodRenew
	MethodRemember
	MethodDestroy
	MethodMeta
	MethodSnapshot
	MethodString
	MethodFormat
	MethodGoString
	MethodLogValue
	MethodField // returns a field by its index; unexported, since it serves String and LogValue

	MethodGet // of all fields but flashes
	MethodSet
	MethodHas
	MethodClear
	MethodTake   // of flashes
	MethodAdd    // of counters
	MethodCount  // of counters
	MethodAppend // of slices
	MethodLookup // of maps
	MethodPut    // of maps
	MethodDelete // of maps
)

// CoreField is the name of the session type's field that points to its core. No method can have this name.
const CoreField = "core"

// ofEverySession are the methods that do not depend on the fields.
var ofEverySession = [...]Method{
	{Kind: MethodSave, Name: "Save"},
	{Kind: MethodRenew, Name: "Renew"},
	{Kind: MethodRemember, Name: "Remember"},
	{Kind: MethodDestroy, Name: "Destroy"},
	{Kind: MethodMeta, Name: "Meta"},
	{Kind: MethodSnapshot, Name: "Snapshot"},
	{Kind: MethodString, Name: "String"},
	{Kind: MethodFormat, Name: "Format"},
	{Kind: MethodGoString, Name: "GoString"},
	{Kind: MethodLogValue, Name: "LogValue"},
	{Kind: MethodField, Name: "field"},
}

// Methods yields the methods of a wrapper's session type in the order in which they are generated. It is the one list
// of them: the check of names, the renderer and sessionvet all go by it.
func Methods(w *Wrapper) iter.Seq[Method] {
	return func(yield func(Method) bool) {
		for _, m := range ofEverySession {
			if !yield(m) {
				return
			}
		}
		for i, f := range w.Fields {
			for _, m := range methodsOf(f) {
				m.Field, m.Index = f, i
				if !yield(m) {
					return
				}
			}
		}
	}
}

// methodsOf returns kinds and names of a field's methods.
func methodsOf(f *Field) []Method {
	var all []Method
	if !f.Flash {
		all = append(all, Method{Kind: MethodGet, Name: f.Name})
	}
	all = append(all,
		Method{Kind: MethodSet, Name: "Set" + f.Name},
		Method{Kind: MethodHas, Name: "Has" + f.Name},
		Method{Kind: MethodClear, Name: "Clear" + f.Name})
	if f.Flash {
		all = append(all, Method{Kind: MethodTake, Name: "Take" + f.Name})
	}
	if f.Counter {
		all = append(all, Method{Kind: MethodAdd, Name: "Add" + f.Name},
			Method{Kind: MethodCount, Name: "Count" + f.Name})
	}
	switch f.Type.Kind {
	case KindSlice:
		all = append(all, Method{Kind: MethodAppend, Name: "Append" + f.Name})
	case KindMap:
		all = append(all,
			Method{Kind: MethodLookup, Name: "Lookup" + f.Name},
			Method{Kind: MethodPut, Name: "Put" + f.Name},
			Method{Kind: MethodDelete, Name: "Delete" + f.Name})
	}
	return all
}
