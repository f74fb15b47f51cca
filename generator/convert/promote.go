package convert

import (
	"cmp"
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/sessiongen/sessiongen/generator/schema"
)

// A Field is one field that a struct stores, its own or promoted from an embedded struct.
type Field struct {
	Var    *types.Var
	Tag    Tag
	key    string
	Tagged bool // the key stands in the tag
	path   []schema.Step
	Index  []int // as in reflect.StructField: its length is the depth, its order the source's
}

// A Mistake is something wrong with a field, found on the types. Where it stands in the source is for the reporter to
// find out: a field of an imported package has no source here.
type Mistake struct {
	Var     *types.Var // nil: the field that led here
	Via     *types.Var // if v was promoted: the field of the outermost struct that embeds it
	Part    Part
	At      int    // of InTag: the offset in the struct tag
	Message string // empty: the type could not be resolved, and the type checker knows why
	Note    bool
}

// A Part of a field is where a mistake stands.
type Part int

const (
	InName Part = iota
	InType
	InTag
)

// An embedded is a struct whose fields are still to be promoted.
type embedded struct {
	typ   types.Type
	st    *types.Struct
	via   *types.Var // the field of the outermost struct that leads here
	path  []schema.Step
	Index []int
}

// fields returns the fields that a struct stores, by the rules by which encoding/json promotes the fields of embedded
// structs: of several fields with one key the shallowest counts; at one depth the one whose key stands in a tag; if
// that leaves more than one, none counts. Two with one key at the top are a mistake.
//
// An embedded struct that its tag gives a key, or that marshals itself, is a field like any other.
func (c *Converter) fields(root types.Type, st *types.Struct) ([]Field, []Mistake) {
	var found []Field
	var mistakes []Mistake
	visited := map[types.Type]bool{types.Unalias(root): true}
	level := []embedded{{typ: root, st: st}}
	for len(level) > 0 {
		// A struct that stands twice at one depth is visited twice, so that its fields cancel each other out.
		var next []embedded
		for _, e := range level {
			fs, es, ms := c.ownFields(e)
			found = append(found, fs...)
			for _, m := range of(e.via, ms) {
				m.Via = e.via
				mistakes = append(mistakes, m)
			}
			for _, inner := range es {
				if !visited[types.Unalias(inner.typ)] {
					next = append(next, inner)
				}
			}
		}
		for _, e := range next {
			visited[types.Unalias(e.typ)] = true
		}
		level = next
	}
	kept, more := dominant(found)
	mistakes = append(mistakes, more...)
	for _, f := range kept {
		if len(f.path) < len(f.Index) && !c.reaches(root, f) {
			mistakes = append(mistakes, Mistake{Var: f.Var, Message: fmt.Sprintf(
				"field %s of %s cannot be reached from here: leave it out, or copy what you need into "+
					"a type of your own", f.Var.Name(), c.text(root))})
		}
	}
	return kept, mistakes
}

// reaches reports whether a path that leaves out embedded structs still selects the field.
func (c *Converter) reaches(t types.Type, f Field) bool {
	var obj types.Object
	for _, s := range f.path {
		obj, _, _ = types.LookupFieldOrMethod(t, true, c.own, s.Name)
		v, ok := obj.(*types.Var)
		if !ok {
			return false
		}
		t = v.Type()
	}
	return obj == f.Var
}

// ownFields splits the fields of one struct into those that it stores and the structs that it embeds.
func (c *Converter) ownFields(e embedded) (found []Field, deeper []embedded, mistakes []Mistake) {
	unexported := ""
	for i := range e.st.NumFields() {
		v := e.st.Field(i)
		if v.Name() == "_" {
			continue
		}
		t, faults := parseTag(e.st.Tag(i))
		for _, f := range faults {
			mistakes = append(mistakes, Mistake{Var: v, Part: InTag, At: f.At, Message: f.Message})
		}
		if t.skip {
			continue
		}
		index := append(slices.Clone(e.Index), i)
		if inner, ok := c.embeds(v, t); ok {
			if len(t.Options) > 0 {
				mistakes = append(mistakes, Mistake{Var: v, Part: InTag, At: t.Options[0].At, Message: fmt.Sprintf(
					"options have no effect on the embedded struct %s: write them on its fields, or give it a key to "+
						"store it as one field", v.Name())})
			}
			step, message := c.step(e, v)
			if message != "" {
				mistakes = append(mistakes, Mistake{Var: v, Message: message})
				continue
			}
			inner.path, inner.Index = append(slices.Clone(e.path), step...), index
			if inner.via = e.via; inner.via == nil {
				inner.via = v
			}
			deeper = append(deeper, inner)
			continue
		}
		if !v.Exported() {
			if c.own != nil && v.Pkg() != c.own {
				unexported = cmp.Or(unexported, v.Name())
				continue
			}
			mistakes = append(mistakes, Mistake{Var: v, Message: fmt.Sprintf(
				"unexported field %s cannot be stored: export it, or leave it out with `session:\"-\"`", v.Name())})
			continue
		}
		f := Field{Var: v, Tag: t, key: t.key, Tagged: t.key != "", Index: index}
		f.path = append(slices.Clone(e.path), schema.Step{Name: v.Name()})
		if !f.Tagged {
			f.key = snakeCase(v.Name())
		}
		if option := strings.ToLower(f.key); f.Tagged && len(t.Options) == 0 && isOption(option) &&
			f.key != snakeCase(v.Name()) {
			mistakes = append(mistakes, Mistake{Var: v, Part: InTag, At: t.KeyAt, Note: true, Message: fmt.Sprintf(
				"%q is the key of field %s here: write a comma before it, as in `session:\",%s\"`, if the option was "+
					"meant", f.key, v.Name(), option)})
		}
		found = append(found, f)
	}
	if unexported != "" {
		mistakes = append(mistakes, Mistake{Part: InType, Message: fmt.Sprintf(
			"%s has the unexported field %s, which would be lost: copy what you need into a type of your own, add "+
				"the json option to the schema's field if the type marshals itself, or leave it out with "+
				"`session:\"-\"`",
			c.text(e.typ), unexported)})
	}
	return found, deeper, mistakes
}

// embeds returns the struct whose fields v promotes, if it does.
func (c *Converter) embeds(v *types.Var, t Tag) (embedded, bool) {
	if !v.Embedded() || t.key != "" {
		return embedded{}, false
	}
	typ := v.Type()
	if p, ok := types.Unalias(typ).(*types.Pointer); ok {
		typ = p.Elem()
	}
	st, ok := typ.Underlying().(*types.Struct)
	if !ok || c.whole(typ) {
		return embedded{}, false
	}
	return embedded{typ: typ, st: st}, true
}

// step is how a promoted field's path passes through the embedded struct v of e. The unexported name of a struct in
// another package cannot be written here; its fields are reached without it, as Go promotes them.
func (c *Converter) step(e embedded, v *types.Var) ([]schema.Step, string) {
	_, pointer := types.Unalias(v.Type()).(*types.Pointer)
	if !v.Exported() && c.own != nil && v.Pkg() != c.own {
		if pointer {
			return nil, fmt.Sprintf("%s embeds the unexported *%s, which only its own package can allocate: leave it "+
				"out with `session:\"-\"`", c.text(e.typ), v.Name())
		}
		return nil, ""
	}
	s := schema.Step{Name: v.Name()}
	if pointer {
		expr, message := c.expr(types.Unalias(v.Type()).(*types.Pointer).Elem())
		if message != "" {
			return nil, message
		}
		s.Ptr = &expr
	}
	return []schema.Step{s}, ""
}
