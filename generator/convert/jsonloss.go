package convert

import (
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strings"
)

// jsonLoss remarks on the parts of a type that encoding/json leaves out without a word: unexported fields, and fields
// beside an embedded type that marshals itself. A field tagged "-" is left out on purpose.
func (c *Converter) jsonLoss(t types.Type) []Mistake {
	l := jsonLosses{c: c, seen: map[types.Type]bool{}}
	l.look(t)
	if len(l.lost) == 0 {
		return nil
	}
	return []Mistake{{Part: InType, Note: true, Message: fmt.Sprintf(
		"encoding/json does not store %s, which will be lost: copy what you need into a type of your own, or give "+
			"the type MarshalJSON and UnmarshalJSON", list(l.lost))}}
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
	c    *Converter
	seen map[types.Type]bool
	lost []string
}

func (l *jsonLosses) look(t types.Type) {
	t = types.Unalias(t)
	if l.seen[t] || types.IsInterface(t) {
		return
	}
	l.seen[t] = true
	for _, method := range []string{"MarshalJSON", "MarshalText"} {
		if l.c.has(t, method) {
			if _, lost := l.c.lostBeside(t, method); lost != "" {
				l.add(t, lost)
			}
			return
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		l.look(u.Elem())
	case *types.Slice:
		l.look(u.Elem())
	case *types.Array:
		l.look(u.Elem())
	case *types.Map:
		l.look(u.Elem())
	case *types.Struct:
		l.fields(t, u)
	}
}

func (l *jsonLosses) fields(t types.Type, st *types.Struct) {
	for i := range st.NumFields() {
		v := st.Field(i)
		switch {
		case reflect.StructTag(st.Tag(i)).Get("json") == "-", v.Name() == "_":
		case v.Exported() || v.Embedded() && isStruct(v.Type()):
			l.look(v.Type())
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
