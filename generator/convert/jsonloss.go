package convert

import (
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strings"
)

// jsonLoss remarks on the parts of a type that encoding/json leaves out without a word: unexported fields, and fields
// beside an embedded type that marshals itself. A field tagged "-" is left out on purpose. It remarks, too, on what
// encoding/json writes in one form and may expect in another: whether it does depends on the bodies of methods, or on
// values, so that none of this is a fault of the type as in jsonFault.
func (c *Converter) jsonLoss(t types.Type) []Mistake {
	l := jsonLosses{c: c, seen: map[place]bool{}}
	l.look(t, true) // generated code marshals the address of a field
	if len(l.lost) > 0 {
		l.note("encoding/json does not store %s, which will be lost: copy what you need into a type of your own, or give "+
			"the type MarshalJSON and UnmarshalJSON", list(l.lost))
	}
	return l.notes
}

// list names the first few of some things.
func list(names []string) string {
	const most = 3
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

type jsonLosses struct {
	c     *Converter
	seen  map[place]bool
	lost  []string
	notes []Mistake
}

// A place is a type where encoding/json can take the address of a value, or where it cannot: in a map.
type place struct {
	typ         types.Type
	addressable bool
}

func (l *jsonLosses) look(t types.Type, addressable bool) {
	t = types.Unalias(t)
	at := place{t, addressable}
	if l.seen[at] || types.IsInterface(t) {
		return
	}
	l.seen[at] = true
	if l.marshals(t, addressable) {
		return
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		l.look(u.Elem(), true)
	case *types.Slice:
		l.look(u.Elem(), true)
	case *types.Array:
		l.look(u.Elem(), addressable)
	case *types.Map:
		l.look(u.Elem(), false)
	case *types.Struct:
		l.fields(t, u, addressable)
	}
}

// marshals reports whether a type has a form of its own, and remarks on what that loses.
func (l *jsonLosses) marshals(t types.Type, addressable bool) bool {
	if _, ok := t.Underlying().(*types.Pointer); ok {
		return false // the type that it points to is asked
	}
	reads := ""
	for _, method := range []string{"UnmarshalText", "UnmarshalJSON"} {
		if l.c.has(t, method) {
			reads = method
		}
	}
	for _, method := range []string{"MarshalJSON", "MarshalText"} {
		switch {
		case !l.c.has(t, method):
		case !addressable && !l.c.hasItself(t, method):
			if reads != "" {
				l.note("encoding/json writes %s within a map without its %s, which is declared on the pointer, and reads it "+
					"with %s: let the map hold pointers, or what was set may be lost", l.c.text(t), method, reads)
				return true
			}
		default:
			if _, lost := l.c.lostBeside(t, method); lost != "" {
				l.add(t, lost)
			} else if reads == "" && method == "MarshalJSON" {
				l.note("encoding/json may not read %s back: it has MarshalJSON but no UnmarshalJSON; declare that, too, "+
					"or see that what it writes can be read without", l.c.text(t))
			}
			return true
		}
	}
	return false
}

func (l *jsonLosses) fields(t types.Type, st *types.Struct, addressable bool) {
	for i := range st.NumFields() {
		v := st.Field(i)
		iface, _ := v.Type().Underlying().(*types.Interface)
		switch {
		case reflect.StructTag(st.Tag(i)).Get("json") == "-", v.Name() == "_":
		case v.Exported() && iface != nil && !iface.Empty():
			l.note("encoding/json cannot read %s of %s back once it is set, as it does not say which type: use a concrete "+
				"type, or leave it out with `json:\"-\"`", v.Name(), l.c.text(t))
		case v.Exported() || v.Embedded() && isStruct(v.Type()):
			l.look(v.Type(), addressable)
		case !empty(v.Type()):
			l.add(t, v.Name())
		}
	}
}

func (l *jsonLosses) add(t types.Type, field string) {
	name := field + " of " + l.c.text(t)
	if !slices.Contains(l.lost, name) {
		l.lost = append(l.lost, name)
	}
}

// note remarks on something, once.
func (l *jsonLosses) note(format string, args ...any) {
	m := Mistake{Part: InType, Note: true, Message: fmt.Sprintf(format, args...)}
	if !slices.Contains(l.notes, m) {
		l.notes = append(l.notes, m)
	}
}

func isStruct(t types.Type) bool {
	_, ok := t.Underlying().(*types.Struct)
	return ok
}

// empty reports whether values of a type hold nothing: a marker that go vet or the compiler looks at.
func empty(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		return u.NumFields() == 0
	case *types.Array:
		return u.Len() == 0
	}
	return false
}
