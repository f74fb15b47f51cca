// Package convert turns the fields of a struct, as go/types knows them, and their tags into the model of package
// schema. It needs neither source nor a loader, so that sessionvet reads the schemas of export data with it.
//
// It reports the types that it cannot store and the tags that it does not understand, as mistakes of fields: where they
// stand in the source is known to package parse.
package convert

import (
	"go/types"

	"github.com/sessiongen/sessiongen/generator/schema"
)

// A Converter turns the types that one schema reaches into the model.
type Converter struct {
	own    *types.Package // of the schema
	guards []*schema.Guard

	known   map[string]*schema.Type // finished ones, by expression: a type that is reached twice is converted once
	open    []open                  // from the field of the schema down to the type that is being converted
	guarded map[string]bool         // by expression
}

// An open is a declared type whose parts are being converted.
type open struct {
	typ types.Type
	via string // the field that leads on
}

// New returns a converter for one schema of a package.
func New(own *types.Package) *Converter {
	return &Converter{own: own, known: map[string]*schema.Type{}, guarded: map[string]bool{}}
}

// Schema returns the fields of a schema's struct, embedded structs promoted. It is the first to be called.
func (c *Converter) Schema(named *types.Named) ([]Field, []Mistake) {
	st := named.Underlying().(*types.Struct)
	c.open = append(c.open, open{typ: named})
	mistakes := c.guard(named, st)
	fields, more := c.fields(named, st)
	return fields, append(mistakes, more...)
}

// Field converts one field of the schema. Its positions and comments are left out.
func (c *Converter) Field(f Field) (*schema.Field, []Mistake) {
	out, faults := f.withOptions()
	var mistakes []Mistake
	for _, fault := range faults {
		mistakes = append(mistakes, Mistake{Part: InTag, At: fault.At, Message: fault.Message})
	}
	store := c.convert
	if out.JSON {
		store = c.json
	}
	var more []Mistake
	c.open[0].via = f.Var.Name()
	out.Type, more = store(f.Var.Type())
	return out, of(f.Var, append(mistakes, more...))
}

// Guards returns the types of the package that the schema reaches, the schema itself first.
func (c *Converter) Guards() []*schema.Guard { return c.guards }

// guardName remembers what stands behind a name that this package declares, where another number or length would still
// fit the generated code, and be cut to the old one.
func (c *Converter) guardName(t types.Type) {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() != c.own {
		return
	}
	expr, _ := c.expr(named)
	if behind, message := c.expr(named.Underlying()); message == "" && !c.guarded[expr.Text] {
		c.guarded[expr.Text] = true
		c.guards = append(c.guards, &schema.Guard{Name: named.Obj().Name(), Type: expr, Behind: &behind})
	}
}

// guard remembers a struct that this package declares, and those that it embeds.
func (c *Converter) guard(t types.Type, st *types.Struct) []Mistake {
	var mistakes []Mistake
	if named, ok := types.Unalias(t).(*types.Named); ok {
		expr, _ := c.expr(named)
		if named.Obj().Pkg() != c.own || c.guarded[expr.Text] {
			return nil
		}
		c.guarded[expr.Text] = true
		g := &schema.Guard{Name: named.Obj().Name(), Type: expr}
		for i := range st.NumFields() {
			v := st.Field(i)
			if !valid(v.Type()) {
				mistakes = append(mistakes, Mistake{Var: v, Part: InType})
				continue
			}
			expr, message := c.expr(v.Type())
			if message != "" {
				mistakes = append(mistakes, of(v, []Mistake{c.unnamed(v.Type(), message)})...)
			}
			g.Fields = append(g.Fields, schema.StructField{
				Name: v.Name(), Type: expr, Tag: st.Tag(i), Embedded: v.Embedded(),
			})
		}
		c.guards = append(c.guards, g)
	}
	for i := range st.NumFields() {
		tag, _ := parseTag(st.Tag(i))
		if inner, ok := c.embeds(st.Field(i), tag); ok && !tag.skip {
			mistakes = append(mistakes, c.guard(inner.typ, inner.st)...)
		}
	}
	return mistakes
}
