package convert

import "go/types"

// isTime recognises the types of package time that have an encoding of their own.
func isTime(t types.Type, name string) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "time" && named.Obj().Name() == name
}

// isWrappedTime recognises the struct behind time.Time, which is all that is left of it in type Stamp time.Time.
func isWrappedTime(st *types.Struct) bool {
	if st.NumFields() == 0 {
		return false
	}
	v := st.Field(0)
	return v.Pkg() != nil && v.Pkg().Path() == "time" && v.Name() == "wall"
}

func isByte(t types.Type) bool {
	b, ok := types.Unalias(t).(*types.Basic)
	return ok && b.Kind() == types.Uint8
}

// whole reports whether values of a type are stored in one piece although the type may be a struct.
func (c *Converter) whole(t types.Type) bool {
	if st, ok := t.Underlying().(*types.Struct); ok && isWrappedTime(st) {
		return true
	}
	return c.marshals(t, "Binary") || c.marshals(t, "Text")
}

// marshals reports whether a type has both methods of package encoding for a form: the one that writes on it or on its
// pointer, the one that reads likewise. Fields are addressable wherever generated code marshals them.
func (c *Converter) marshals(t types.Type, form string) bool {
	if types.IsInterface(t) {
		return false
	}
	switch types.Unalias(t).(type) {
	case *types.Named, *types.Struct:
	default:
		return false // no methods of its own; the type that a pointer points to is asked in its turn
	}
	if _, pointer := t.Underlying().(*types.Pointer); pointer {
		return false
	}
	return c.method(t, "Marshal"+form, nil, []string{"[]byte", "error"}) &&
		c.method(t, "Unmarshal"+form, []string{"[]byte"}, []string{"error"})
}

func (c *Converter) method(t types.Type, name string, params, results []string) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, c.own, name)
	f, ok := obj.(*types.Func)
	if !ok {
		return false
	}
	sig := f.Signature()
	return !sig.Variadic() && sameTypes(sig.Params(), params) && sameTypes(sig.Results(), results)
}

func sameTypes(have *types.Tuple, want []string) bool {
	if have.Len() != len(want) {
		return false
	}
	for i, text := range want {
		t := types.Unalias(have.At(i).Type())
		if s, ok := t.(*types.Slice); ok && text == "[]byte" && isByte(s.Elem()) {
			continue
		}
		if text != t.String() {
			return false
		}
	}
	return true
}
