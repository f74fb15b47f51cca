package adopt

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// chooseType decides the type of a field: a written one that a read confirms, else the written one, else the one that
// is read. Arms of a type switch that nobody writes are a migration of long ago.
func (st *study) chooseType(k *key) {
	defer func() {
		if k.typ != nil && strings.Contains(k.typ.String(), "invalid type") {
			k.typ = nil
		}
	}()
	var writes []types.Type
	for _, w := range k.written {
		if w.typ != nil && !clears(k, w) {
			writes = appendType(writes, w.typ)
		}
	}
	reads := map[readingKind][]types.Type{}
	for _, r := range k.readings {
		if r.typ != nil {
			reads[r.kind] = appendType(reads[r.kind], r.typ)
		}
	}
	order := []readingKind{decoded, asserted, checked, arm, compared}
	for _, kind := range order {
		for _, t := range writes {
			if hasType(reads[kind], t) {
				k.typ = t
				st.oldArms(k, reads[arm], writes)
				return
			}
		}
	}
	switch {
	case len(writes) > 0:
		k.typ = writes[0]
		if len(writes) > 1 {
			k.why = "also written as " + list(writes[1:])
		}
	default:
		for _, kind := range order {
			if len(reads[kind]) > 0 {
				k.typ = reads[kind][0]
				break
			}
		}
	}
	if k.typ == nil {
		for _, w := range k.written { // nothing but what clears it
			if w.typ != nil {
				k.typ = w.typ
			}
		}
	}
	st.oldArms(k, reads[arm], writes)
}

// ambiguous reports whether values of several types are written.
func (k *key) ambiguous() bool {
	var writes []types.Type
	for _, w := range k.written {
		if !clears(k, w) {
			writes = appendType(writes, orAny(w.typ))
		}
	}
	return len(writes) > 1
}

func (st *study) oldArms(k *key, arms, writes []types.Type) {
	var old []types.Type
	for _, t := range arms {
		if !hasType(writes, t) && !isNilType(t) {
			old = append(old, t)
		}
	}
	if len(old) > 0 && len(writes) > 0 {
		k.why = strings.TrimPrefix(k.why+"; a type switch reads "+list(old)+" too, which nothing writes", "; ")
	}
}

func isNilType(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Kind() == types.UntypedNil
}

// clears reports whether a write stands for the absence of a value: nil, or the zero of a key that has other values.
func clears(k *key, w write) bool {
	if w.isNil {
		return true
	}
	return w.zero && slices.ContainsFunc(k.written, func(o write) bool { return !o.zero && !o.isNil })
}

func appendType(ts []types.Type, t types.Type) []types.Type {
	if hasType(ts, t) {
		return ts
	}
	return append(ts, t)
}

func hasType(ts []types.Type, t types.Type) bool {
	return slices.ContainsFunc(ts, func(have types.Type) bool { return types.Identical(have, t) })
}

// list names types, with the names of their packages.
func list(ts []types.Type) string {
	var names []string
	for _, t := range ts {
		names = append(names, typeText(t))
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

func typeText(t types.Type) string {
	if t == nil {
		return "any"
	}
	return types.TypeString(t, func(p *types.Package) string { return p.Name() })
}

// fieldType is the type of a key's field: a list of flashes, a map for a key that is made.
func (k *key) fieldType() types.Type {
	t := orAny(k.typ)
	switch {
	case k.flash:
		return types.NewSlice(t)
	case k.hole != nil:
		return types.NewMap(k.hole, t)
	}
	return t
}

func orAny(t types.Type) types.Type {
	if t == nil {
		return types.Universe.Lookup("any").Type()
	}
	return t
}

// usesJSON reports whether a field's type has no encoding of its own.
func (k *key) usesJSON() bool { return types.IsInterface(orAny(k.typ)) }

func (k *key) String() string { return fmt.Sprintf("%q", k.text) }

func isInvalid(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Kind() == types.Invalid
}
