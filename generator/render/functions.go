package render

import (
	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// functionTypes returns the types for which a wrapper needs a pair of functions, in order of first use: those of fields
// that the runtime does not know, those of elements that are given to a generic function, and those that take more than
// an expression. Others are read and written where they stand.
func functionTypes(w *schema.Wrapper) []*schema.Type {
	n := needs{seen: map[string]bool{}}
	for _, f := range w.Fields {
		if !isBasic(f.Type) {
			n.function(f.Type)
		}
	}
	return n.types
}

type needs struct {
	types []*schema.Type
	seen  map[string]bool
}

// function notes a type that must have functions, as a value at least.
func (n *needs) function(t *schema.Type) {
	if isBasic(t) && !t.Named || n.seen[typeKey(t)] {
		return
	}
	n.seen[typeKey(t)] = true
	n.types = append(n.types, t)
	n.parts(t)
}

// expression notes a type that is read and written where it stands, if it can be.
func (n *needs) expression(t *schema.Type) {
	if _, body := codecOf(t).(bodyCodec); body {
		n.function(t)
	} else {
		n.parts(t)
	}
}

func (n *needs) parts(t *schema.Type) {
	switch t.Kind {
	case schema.KindSlice, schema.KindPointer:
		n.function(t.Elem)
	case schema.KindMap:
		n.function(t.Key)
		n.function(t.Elem)
	case schema.KindArray:
		if t.Len > 0 {
			n.expression(t.Elem)
		}
	case schema.KindStruct:
		for _, m := range t.Members {
			n.expression(m.Type)
		}
	}
}

// functions declares the pairs that this file needs, each once, and the functions that check a field's value.
func (o *output) functions() {
	declared := map[string]bool{}
	ofField, withZero := map[string]bool{}, map[string]bool{}
	for _, w := range o.file.Wraps {
		for _, f := range w.Fields {
			ofField[typeKey(f.Type)] = true
			withZero[typeKey(f.Type)] = withZero[typeKey(f.Type)] || hasZero(f)
		}
	}
	for _, w := range o.file.Wraps {
		for _, t := range functionTypes(w) {
			if declared[typeKey(t)] {
				continue
			}
			declared[typeKey(t)] = true
			o.declare("", o.readFunction(t))
			o.declare("", o.writeFunction(t))
			if ofField[typeKey(t)] && !isBasic(t) {
				o.declare("", o.checkFunction(t))
			}
			if withZero[typeKey(t)] {
				o.declare("", o.zeroFunction(t))
			}
			o.shapeVariable(t)
		}
	}
}

func (o *output) readFunction(t *schema.Type) *jen.Statement {
	f := jen.Func().Id("read" + o.names.functions[typeKey(t)]).Params(o.local("r").Op("*").Qual(recordPath, "Reader"))
	c, body := codecOf(t).(bodyCodec)
	if !body {
		return f.Add(o.expr(t.Expr)).Add(oneLine(jen.Return(codecOf(t).read(o, t))))
	}
	return f.Params(o.local("v").Add(o.expr(t.Expr))).Block(append(c.readBody(o, t), jen.Return(o.local("v")))...)
}

func (o *output) writeFunction(t *schema.Type) *jen.Statement {
	f := jen.Func().Id("write"+o.names.functions[typeKey(t)]).Params(
		o.local("w").Op("*").Qual(recordPath, "Writer"), o.local("v").Add(o.expr(t.Expr)))
	if c, body := codecOf(t).(bodyCodec); body {
		statements := c.writeBody(o, t)
		if len(statements) == 1 {
			return f.Add(oneLine(statements[0]))
		}
		return f.Block(statements...)
	}
	return f.Add(oneLine(codecOf(t).write(o, t, o.local("v"))))
}

// checkFunction is the Check of the table's fields of one type: one function for all of them, since the compiler takes
// as long for a function literal as for an accessor.
func (o *output) checkFunction(t *schema.Type) *jen.Statement {
	return jen.Func().Id(o.checkName(t)).Params(o.local("r").Op("*").Qual(recordPath, "Reader")).
		Add(oneLine(o.readFunc(t).Call(o.local("r"))))
}

func (o *output) checkName(t *schema.Type) string { return "check" + o.names.functions[typeKey(t)] }

// zeroFunction is the Zero of the table's fields of one type that renew the session.
func (o *output) zeroFunction(t *schema.Type) *jen.Statement {
	return jen.Func().Id(o.zeroName(t)).Params(o.local("w").Op("*").Qual(recordPath, "Writer")).
		Add(oneLine(o.writeFunc(t).Call(o.local("w"), jen.Op("*").New(o.expr(t.Expr)))))
}

func (o *output) zeroName(t *schema.Type) string { return "zero" + o.names.functions[typeKey(t)] }

// readFunc is a function value that reads a type: a method of Reader where that does, else one of the pairs.
func (o *output) readFunc(t *schema.Type) *jen.Statement {
	if isBasic(t) && !t.Named {
		return jen.Parens(jen.Op("*").Qual(recordPath, "Reader")).Dot(basicName(t))
	}
	if name := o.names.functions[typeKey(t)]; name != "" {
		return jen.Id("read" + name)
	}
	return jen.Func().Params(o.local("r").Op("*").Qual(recordPath, "Reader")).Add(o.expr(t.Expr)).
		Add(oneLine(jen.Return(codecOf(t).read(o, t))))
}

// writeFunc is a function value that writes a type.
func (o *output) writeFunc(t *schema.Type) *jen.Statement {
	if isBasic(t) && !t.Named {
		return jen.Parens(jen.Op("*").Qual(recordPath, "Writer")).Dot(basicName(t))
	}
	return jen.Id("write" + o.names.functions[typeKey(t)])
}

// writeElement writes a value of a type that has functions, unless it is one that the runtime knows.
func (o *output) writeElement(t *schema.Type, v *jen.Statement) *jen.Statement {
	if isBasic(t) && !t.Named {
		return codecOf(t).write(o, t, v)
	}
	return functionPair{}.write(o, t, v)
}

// functionPair is the codec part of a bodyCodec: its expressions call the functions.
type functionPair struct{}

func (functionPair) read(o *output, t *schema.Type) *jen.Statement {
	return o.readFunc(t).Call(o.local("r"))
}

func (functionPair) write(o *output, t *schema.Type, v *jen.Statement) *jen.Statement {
	return o.writeFunc(t).Call(o.local("w"), v)
}
