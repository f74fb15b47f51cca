package render

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

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

func (t *sessionType) getter(m schema.Method, f *schema.Field) {
	t.method(m, fieldComment(f, m.Name, getterText(f), readText(f)), nil, t.expr(f.Type.Expr),
		jen.Return(t.get(m.Index, f)))
}

func (t *sessionType) setter(m schema.Method, f *schema.Field) {
	t.method(m, methodComment(f, m.Name+" sets "+f.Name+renewText(f)+".", zeroText(f), ttlText(f), maxText(f)),
		t.param("v", f.Type), nil, t.set(m.Index, f))
}

func (t *sessionType) has(m schema.Method, f *schema.Field) {
	t.method(m, methodComment(f, m.Name+" reports whether "+f.Name+" has a value."),
		nil, jen.Bool(), jen.Return(t.callCore("Has", jen.Lit(m.Index))))
}

func (t *sessionType) clear(m schema.Method, f *schema.Field) {
	t.method(m, methodComment(f, m.Name+" makes "+f.Name+" absent"+renewText(f)+"."),
		nil, nil, t.callCore("Remove", jen.Lit(m.Index)))
}

func (t *sessionType) take(m schema.Method, f *schema.Field) {
	text := m.Name + " removes " + f.Name + " in the store at once and returns it, to one request alone."
	t.method(m, fieldComment(f, m.Name, text, "It needs no Save. "+keyText(f)),
		nil, jen.Params(t.expr(f.Type.Expr), jen.Bool()),
		jen.Return(jen.Qual(sessionPath, "Take").Call(t.coreOf(), jen.Lit(m.Index), t.readFunc(f.Type))))
}

func (t *sessionType) add(m schema.Method, f *schema.Field) {
	t.method(m,
		methodComment(f, m.Name+" adds delta to "+f.Name+", beside what other requests add.", ttlIfAbsentText(f)),
		[]jen.Code{jen.Id("delta").Add(t.expr(f.Type.Expr))}, nil,
		t.callCore("Add", jen.Lit(m.Index), jen.Uint64().Call(jen.Id("delta"))))
}

func (t *sessionType) count(m schema.Method, f *schema.Field) {
	text := m.Name + " adds delta to " + f.Name + " in the store at once and returns the sum. Of requests that count" +
		" at one time each gets another, which makes a limit: any error means to refuse. It needs no Save. A visitor" +
		" who drops the cookie starts anew."
	t.method(m, methodComment(f, text, ttlIfAbsentText(f)),
		[]jen.Code{jen.Id("delta").Add(t.expr(f.Type.Expr))}, jen.Params(t.expr(f.Type.Expr), jen.Error()),
		jen.Return(jen.Qual(sessionPath, "Count").Call(t.coreOf(), jen.Lit(m.Index), jen.Id("delta"))))
}

func (t *sessionType) append(m schema.Method, f *schema.Field) {
	text := m.Name + " adds elements to the end of " + f.Name + ", beside those that other requests append."
	t.method(m, methodComment(f, text, ttlIfAbsentText(f), maxText(f)),
		[]jen.Code{t.local("v").Op("...").Add(t.expr(f.Type.Elem.Expr))}, nil,
		t.callRecord("Append", m.Index, t.local("v"), t.writeFunc(f.Type.Elem)))
}

func (t *sessionType) lookup(m schema.Method, f *schema.Field) {
	t.method(m, methodComment(f, m.Name+" returns the value under one key of "+f.Name+"."),
		t.param("k", f.Type.Key), jen.Params(t.expr(f.Type.Elem.Expr), jen.Bool()),
		jen.Return(t.callRecord("Lookup", m.Index, t.local("k"), t.writeFunc(f.Type.Key), t.readFunc(f.Type.Elem))))
}

func (t *sessionType) put(m schema.Method, f *schema.Field) {
	params := []jen.Code{t.local("k").Add(t.expr(f.Type.Key.Expr)), t.local("v").Add(t.expr(f.Type.Elem.Expr))}
	if f.Type.Key.Expr.Text == f.Type.Elem.Expr.Text {
		params = []jen.Code{jen.List(t.local("k"), t.local("v")).Add(t.expr(f.Type.Key.Expr))}
	}
	text := m.Name + " sets the value under one key of " + f.Name + " and leaves the other keys to other requests."
	t.method(m, methodComment(f, text, ttlIfAbsentText(f), maxText(f)), params, nil,
		t.callRecord("Put", m.Index, t.local("k"), t.local("v"), t.writeFunc(f.Type.Key), t.writeFunc(f.Type.Elem)))
}

func (t *sessionType) delete(m schema.Method, f *schema.Field) {
	t.method(m, methodComment(f, m.Name+" removes one key of "+f.Name+"."),
		t.param("k", f.Type.Key), nil,
		t.callRecord("Delete", m.Index, t.local("k"), t.writeFunc(f.Type.Key)))
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

func keyText(f *schema.Field) string { return fmt.Sprintf("Its key is %q.", f.Key) }

// readText names the key of a field, and the value that its getter returns when the field is absent.
func readText(f *schema.Field) string {
	return fmt.Sprintf("Its key is %q; absent, it reads as %s.", f.Key, zeroValue(f.Type))
}

func zeroValue(t *schema.Type) string {
	switch t.Kind {
	case schema.KindBool:
		return "false"
	case schema.KindInt, schema.KindUint, schema.KindFloat, schema.KindDuration:
		return "0"
	case schema.KindString:
		return `""`
	case schema.KindTime:
		return "the zero time"
	case schema.KindBytes, schema.KindSlice, schema.KindMap, schema.KindPointer:
		return "nil"
	case schema.KindJSON:
		for _, start := range []string{"[]", "map[", "*"} {
			if strings.HasPrefix(t.Expr.Text, start) {
				return "nil"
			}
		}
	}
	return "the zero value"
}

func renewText(f *schema.Field) string {
	if !f.Renew {
		return ""
	}
	return " and gives the session a new id at the next Save"
}

// zeroText says that a setter of a renew field clears it when it is given the zero value, or an empty slice or map.
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
