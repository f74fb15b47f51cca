package render

import (
	"fmt"

	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// methods writes all methods of the session type.
func (t *sessionType) methods() {
	for m := range schema.Methods(t.w) {
		switch f := m.Field; m.Kind {
		case schema.MethodSave:
			t.save(m)
		case schema.MethodRenew:
			t.renew(m)
		case schema.MethodRemember:
			t.remember(m)
		case schema.MethodDestroy:
			t.destroy(m)
		case schema.MethodMeta:
			t.meta(m)
		case schema.MethodSnapshot:
			t.snapshot(m)
		case schema.MethodString:
			t.string(m)
		case schema.MethodFormat:
			t.format(m)
		case schema.MethodGoString:
			t.goString(m)
		case schema.MethodLogValue:
			t.logValue(m)
		case schema.MethodField:
			t.field(m)
		case schema.MethodGet:
			t.getter(m, f)
		case schema.MethodSet:
			t.setter(m, f)
		case schema.MethodHas:
			t.has(m, f)
		case schema.MethodClear:
			t.clear(m, f)
		case schema.MethodTake:
			t.take(m, f)
		case schema.MethodAdd:
			t.add(m, f)
		case schema.MethodCount:
			t.count(m, f)
		case schema.MethodAppend:
			t.append(m, f)
		case schema.MethodLookup:
			t.lookup(m, f)
		case schema.MethodPut:
			t.put(m, f)
		case schema.MethodDelete:
			t.delete(m, f)
		default:
			t.fault = fmt.Errorf("no way to write the method %s, of kind %d", m.Name, m.Kind)
		}
	}
}

// method declares a method of one statement. params and results are nil where there are none.
func (t *sessionType) method(m schema.Method, comment string, params []jen.Code, results, body *jen.Statement) {
	f := t.receiver(m).Params(params...)
	if results != nil {
		f.Add(results)
	}
	t.declare(comment, f.Add(oneLine(body)))
}

// receiver begins the declaration of a method.
func (t *sessionType) receiver(m schema.Method) *jen.Statement {
	return jen.Func().Params(t.local("s").Op("*").Id(t.w.Name)).Id(m.Name)
}

// coreOf is the Core of the receiver.
func (t *sessionType) coreOf() *jen.Statement { return t.local("s").Dot(schema.CoreField) }

// callCore calls a method of the receiver's Core.
func (t *sessionType) callCore(method string, args ...jen.Code) *jen.Statement {
	return t.coreOf().Dot(method).Call(args...)
}

// callRecord calls a generic function of package record for the i-th field of the receiver.
func (t *sessionType) callRecord(function string, i int, args ...jen.Code) *jen.Statement {
	fields := jen.Op("&").Add(t.coreOf()).Dot("Fields")
	return jen.Qual(recordPath, function).Call(append([]jen.Code{fields, jen.Lit(i)}, args...)...)
}

func (t *sessionType) save(m schema.Method) {
	text := m.Name + " writes what has changed and sets the cookie if the session is new or has a new id. See " +
		"session.Core.Save."
	t.method(m, comment(sentences(text)), nil, jen.Error(), jen.Return(t.callCore("Save")))
}

func (t *sessionType) renew(m schema.Method) {
	t.method(m, comment(m.Name+" gives the session a new id at the next Save."), nil, nil, t.callCore("Renew"))
}

func (t *sessionType) remember(m schema.Method) {
	text := m.Name + " says, from the next Save on, whether the session outlives the browser. See " +
		"session.Core.Remember."
	t.method(m, comment(sentences(text)), []jen.Code{jen.Id("on").Bool()}, nil, t.callCore("Remember", jen.Id("on")))
}

func (t *sessionType) destroy(m schema.Method) {
	text := m.Name + " ends the session in the store and expires the cookie. The session is empty and new afterwards."
	t.method(m, comment(text), nil, jen.Error(), jen.Return(t.callCore("Destroy")))
}

func (t *sessionType) meta(m schema.Method) {
	text := m.Name + " returns what is known of the session beside its fields."
	t.method(m, comment(text), nil, jen.Qual(sessionPath, "Meta"), jen.Return(t.callCore("Meta")))
}
