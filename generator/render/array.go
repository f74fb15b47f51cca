package render

import (
	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// arrayCodec writes no loop for an array of no elements: the compiler (go1.26.8) fails on an assignment in one.
type arrayCodec struct{ functionPair }

func (arrayCodec) readBody(o *output, t *schema.Type) []jen.Code {
	length := o.local("r").Dot("Fixed").Call(jen.Lit(t.Len))
	if t.Len == 0 {
		return []jen.Code{length}
	}
	element := o.local("v").Index(o.local("i"))
	return []jen.Code{
		length,
		jen.For(o.local("i").Op(":=").Range().Add(o.local("v"))).Block(
			element.Op("=").Add(codecOf(t.Elem).read(o, t.Elem)),
		),
	}
}

func (arrayCodec) writeBody(o *output, t *schema.Type) []jen.Code {
	length := o.local("w").Dot("Array").Call(jen.Lit(t.Len))
	if t.Len == 0 {
		return []jen.Code{length}
	}
	return []jen.Code{
		length,
		jen.For(jen.List(jen.Id("_"), o.local("e")).Op(":=").Range().Add(o.local("v"))).Block(
			codecOf(t.Elem).write(o, t.Elem, o.local("e")),
		),
	}
}
