package render

import (
	"fmt"

	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// accessors writes the methods of one field.
func (t *sessionType) accessors(i int, f *schema.Field) {
	if !f.Flash {
		t.method(fieldComment(f, f.Name, getterText(f)), f.Name, nil, t.expr(f.Type.Expr), jen.Return(t.get(i, f)))
	}
	t.method(methodComment(f, "Set"+f.Name+" sets "+f.Name+renewText(f)+".", zeroText(f), ttlText(f), maxText(f)),
		"Set"+f.Name, t.param("v", f.Type), nil, t.set(i, f))
	t.method(methodComment(f, "Has"+f.Name+" reports whether "+f.Name+" has a value."),
		"Has"+f.Name, nil, jen.Bool(), jen.Return(t.callCore("Has", jen.Lit(i))))
	t.method(methodComment(f, "Clear"+f.Name+" makes "+f.Name+" absent"+renewText(f)+"."),
		"Clear"+f.Name, nil, nil, t.callCore("Remove", jen.Lit(i)))
	switch {
	case f.Flash:
		t.take(i, f)
	case f.Counter:
		t.add(i, f)
		t.count(i, f)
	}
	switch f.Type.Kind {
	case schema.KindSlice:
		t.append(i, f)
	case schema.KindMap:
		t.lookup(i, f)
		t.put(i, f)
		t.delete(i, f)
	}
}

func (t *sessionType) get(i int, f *schema.Field) *jen.Statement {
	if isBasic(f.Type) {
		return t.toNamed(f.Type, t.callCore(basicName(f.Type), jen.Lit(i)))
	}
	return t.callRecord("Get", i, t.readFunc(f.Type))
}

func (t *sessionType) set(i int, f *schema.Field) *jen.Statement {
	if isBasic(f.Type) {
		return t.callCore("Set"+basicName(f.Type), jen.Lit(i), t.toBasic(f.Type, t.local("v")))
	}
	return t.callRecord("Set", i, t.local("v"), t.writeFunc(f.Type))
}

func (t *sessionType) take(i int, f *schema.Field) {
	text := "Take" + f.Name + " removes " + f.Name + " in the store at once and returns it, to one request alone. It needs no Save."
	t.method(fieldComment(f, "Take"+f.Name, text), "Take"+f.Name, nil, jen.Params(t.expr(f.Type.Expr), jen.Bool()),
		jen.Return(jen.Qual(sessionPath, "Take").Call(t.coreOf(), jen.Lit(i), t.readFunc(f.Type))))
}

func (t *sessionType) add(i int, f *schema.Field) {
	t.method(methodComment(f, "Add"+f.Name+" adds delta to "+f.Name+", beside what other requests add.", ttlIfAbsentText(f)),
		"Add"+f.Name, []jen.Code{jen.Id("delta").Add(t.expr(f.Type.Expr))}, nil,
		t.callCore("Add", jen.Lit(i), jen.Uint64().Call(jen.Id("delta"))))
}

func (t *sessionType) count(i int, f *schema.Field) {
	text := "Count" + f.Name + " adds delta to " + f.Name + " in the store at once and returns the sum. Of requests that count at one time" +
		" each gets another, which makes a limit: any error means to refuse. It needs no Save. A visitor who drops the cookie starts anew."
	t.method(methodComment(f, text, ttlIfAbsentText(f)),
		"Count"+f.Name, []jen.Code{jen.Id("delta").Add(t.expr(f.Type.Expr))}, jen.Params(t.expr(f.Type.Expr), jen.Error()),
		jen.Return(jen.Qual(sessionPath, "Count").Call(t.coreOf(), jen.Lit(i), jen.Id("delta"))))
}

func (t *sessionType) append(i int, f *schema.Field) {
	t.method(methodComment(f, "Append"+f.Name+" adds elements to the end of "+f.Name+", beside those that other requests append.", ttlIfAbsentText(f), maxText(f)),
		"Append"+f.Name, []jen.Code{t.local("v").Op("...").Add(t.expr(f.Type.Elem.Expr))}, nil,
		t.callRecord("Append", i, t.local("v"), t.writeFunc(f.Type.Elem)))
}

func (t *sessionType) lookup(i int, f *schema.Field) {
	t.method(methodComment(f, "Lookup"+f.Name+" returns the value under one key of "+f.Name+"."),
		"Lookup"+f.Name, t.param("k", f.Type.Key), jen.Params(t.expr(f.Type.Elem.Expr), jen.Bool()),
		jen.Return(t.callRecord("Lookup", i, t.local("k"), t.writeFunc(f.Type.Key), t.readFunc(f.Type.Elem))))
}

func (t *sessionType) put(i int, f *schema.Field) {
	params := []jen.Code{t.local("k").Add(t.expr(f.Type.Key.Expr)), t.local("v").Add(t.expr(f.Type.Elem.Expr))}
	if f.Type.Key.Expr.Text == f.Type.Elem.Expr.Text {
		params = []jen.Code{jen.List(t.local("k"), t.local("v")).Add(t.expr(f.Type.Key.Expr))}
	}
	t.method(methodComment(f, "Put"+f.Name+" sets the value under one key of "+f.Name+" and leaves the other keys to other requests.", ttlIfAbsentText(f), maxText(f)),
		"Put"+f.Name, params, nil,
		t.callRecord("Put", i, t.local("k"), t.local("v"), t.writeFunc(f.Type.Key), t.writeFunc(f.Type.Elem)))
}

func (t *sessionType) delete(i int, f *schema.Field) {
	t.method(methodComment(f, "Delete"+f.Name+" removes one key of "+f.Name+"."),
		"Delete"+f.Name, t.param("k", f.Type.Key), nil,
		t.callRecord("Delete", i, t.local("k"), t.writeFunc(f.Type.Key)))
}

func (t *sessionType) param(name string, typ *schema.Type) []jen.Code {
	return []jen.Code{t.local(name).Add(t.expr(typ.Expr))}
}

func getterText(f *schema.Field) string {
	if isBasic(f.Type) && f.Type.Kind != schema.KindBytes {
		return f.Name + " returns " + f.Name + "."
	}
	return f.Name + " returns a copy of " + f.Name + "."
}

func renewText(f *schema.Field) string {
	if !f.Renew {
		return ""
	}
	return " and gives the session a new id at the next Save"
}

// zeroText says what a setter does with the zero value, and a slice or map that is empty.
func zeroText(f *schema.Field) string {
	switch {
	case !f.Renew:
		return ""
	case f.Type.Kind == schema.KindSlice, f.Type.Kind == schema.KindMap, f.Type.Kind == schema.KindBytes:
		return "An empty one makes it absent."
	default:
		return "The zero value makes it absent."
	}
}

func maxText(f *schema.Field) string {
	if f.Max == 0 {
		return ""
	}
	unit := "elements"
	if isBasic(f.Type) {
		unit = "bytes"
	}
	return fmt.Sprintf("Save refuses more than %d %s.", f.Max, unit)
}

// ttlText is for a call from which a field's ttl is counted, ttlIfAbsentText for one from which it is only then.
func ttlText(f *schema.Field) string {
	if f.TTL == 0 {
		return ""
	}
	return "It reads as absent " + durationText(f.TTL) + " later."
}

func ttlIfAbsentText(f *schema.Field) string {
	if f.TTL == 0 {
		return ""
	}
	return "If it was absent, it is so again " + durationText(f.TTL) + " later."
}
