package render

import (
	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

type mapCodec struct{}

func (mapCodec) read(o *output, t *schema.Type) *jen.Statement {
	return jen.Qual(recordPath, "ReadMap").Types(o.expr(t.Expr)).Call(o.local("r"), o.readFunc(t.Key), o.readFunc(t.Elem))
}

func (mapCodec) write(o *output, t *schema.Type, v *jen.Statement) *jen.Statement {
	write := "WriteMap"
	if t.Key.Kind == schema.KindTextKey {
		write = "WriteTextMap"
	}
	return jen.Qual(recordPath, write).Call(o.local("w"), v, o.writeFunc(t.Key), o.writeFunc(t.Elem))
}
