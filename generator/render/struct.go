package render

import (
	"cmp"
	"slices"

	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// structCodec writes all members, in ascending order of their keys; it leaves none out (see record.Writer.Key). The
// fields of an embedded struct that is a nil pointer are written as nil, and nil leaves such a pointer as it is.
type structCodec struct{ functionPair }

func (structCodec) readBody(o *output, t *schema.Type) []jen.Code {
	each := jen.For(jen.Range().Add(o.local("r")).Dot("Struct").Call())
	key, skip := o.local("r").Dot("Key").Call(), o.local("r").Dot("Skip").Call()
	members := byKey(t)
	if len(members) == 0 {
		return []jen.Code{each.Block(key, skip)}
	}
	var cases []jen.Code
	for _, m := range members {
		cases = append(cases, jen.Case(jen.Lit(m.Key)).Block(o.readMember(m)...))
	}
	cases = append(cases, jen.Default().Block(skip))
	return []jen.Code{each.Block(jen.Switch(key).Block(cases...))}
}

// maxShortKey is how many bytes record.Writer.Key takes.
const maxShortKey = 31

func (structCodec) writeBody(o *output, t *schema.Type) []jen.Code {
	members := byKey(t)
	body := []jen.Code{o.local("w").Dot("Map").Call(jen.Lit(len(members)))}
	for _, m := range members {
		method := "Key"
		if len(m.Key) > maxShortKey {
			method = "String" // the same, for any length
		}
		body = append(body, o.local("w").Dot(method).Call(jen.Lit(m.Key)))
		write := codecOf(m.Type).write(o, m.Type, selectPath(o.local("v"), m.Path))
		if present := o.embeddedPresent(m.Path); present != nil {
			write = jen.If(present).Block(write).Else().Block(o.local("w").Dot("Nil").Call())
		}
		body = append(body, write)
	}
	return body
}

func (o *output) readMember(m *schema.Member) []jen.Code {
	var allocate []jen.Code
	for i, s := range m.Path {
		if s.Ptr != nil {
			place := func() *jen.Statement { return selectPath(o.local("v"), m.Path[:i+1]) }
			allocate = append(allocate,
				jen.If(place().Op("==").Nil()).Block(place().Op("=").Op("&").Add(o.expr(*s.Ptr)).Values()))
		}
	}
	read := selectPath(o.local("v"), m.Path).Op("=").Add(codecOf(m.Type).read(o, m.Type))
	if allocate == nil {
		return []jen.Code{read}
	}
	return []jen.Code{jen.If(jen.Op("!").Add(o.local("r")).Dot("Nil").Call()).Block(append(allocate, read)...)}
}

// embeddedPresent is the condition that every embedded pointer on a path is set, or nil if there is none.
func (o *output) embeddedPresent(path []schema.Step) *jen.Statement {
	var present *jen.Statement
	for i, s := range path {
		if s.Ptr == nil {
			continue
		}
		set := selectPath(o.local("v"), path[:i+1]).Op("!=").Nil()
		if present == nil {
			present = set
		} else {
			present.Op("&&").Add(set)
		}
	}
	return present
}

func selectPath(v *jen.Statement, path []schema.Step) *jen.Statement {
	for _, s := range path {
		v = v.Dot(s.Name)
	}
	return v
}

func byKey(t *schema.Type) []*schema.Member {
	return slices.SortedFunc(slices.Values(t.Members),
		func(a, b *schema.Member) int { return cmp.Compare(a.Key, b.Key) })
}
