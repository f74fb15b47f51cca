package vet

import (
	"go/ast"
	"go/types"
	"sync"

	"github.com/sessiongen/sessiongen/generator/parse"
	"github.com/sessiongen/sessiongen/generator/schema"
	"golang.org/x/tools/go/types/typeutil"
)

// runtimePath is the package whose types mark what was generated. It is written out, not taken from an import: the
// analyzers know the runtime by its types alone.
const runtimePath = "github.com/sessiongen/sessiongen/runtime/session"

// testPath is the package with what tests of handlers use.
const testPath = "github.com/sessiongen/sessiongen/runtime/sessiontest"

// A methodKind says what a generated method of a session does.
type methodKind int

const (
	notGenerated methodKind = iota
	kindChange              // SetF, ClearF, AddF, AppendF, PutF, DeleteF, Renew
	kindSave
	kindDestroy
	kindValue    // F, LookupF and TakeF: a copy of the field
	kindCount    // CountF: saves what is pending for the field, and tells its value
	kindSnapshot // a copy of all fields
	kindMeta
	kindOther // reads, and gives nothing of value away: HasF, String, GoString, LogValue
)

// A method is one generated method.
type method struct {
	kind  methodKind
	field *schema.Field // of a method that belongs to one
}

// A sessionType is a generated session type.
type sessionType struct {
	named   *types.Named
	methods map[string]method
	fields  []*schema.Field
}

// hasSecret reports whether the schema has a field with the secret option.
func (t *sessionType) hasSecret() bool {
	for _, f := range t.fields {
		if f.Secret {
			return true
		}
	}
	return false
}

// sessionTypes recognises session types. It is safe for concurrent use: the analyzers of a package share one.
type sessionTypes struct {
	mu    sync.Mutex
	known map[*types.Named]*sessionType // nil for types that are none
}

func newSessionTypes() *sessionTypes {
	return &sessionTypes{known: map[*types.Named]*sessionType{}}
}

// of returns the session type that t points to, or nil.
func (ts *sessionTypes) of(t types.Type) *sessionType {
	if t == nil {
		return nil
	}
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return nil
	}
	named, ok := types.Unalias(p.Elem()).(*types.Named)
	if !ok {
		return nil
	}
	return ts.named(named)
}

func (ts *sessionTypes) named(named *types.Named) *sessionType {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t, ok := ts.known[named]
	if !ok {
		t = recognise(named)
		ts.known[named] = t
	}
	return t
}

// method returns the generated method that a function is, and the session type it belongs to.
func (ts *sessionTypes) method(fn *types.Func) (method, *sessionType) {
	recv := fn.Signature().Recv()
	if recv == nil {
		return method{}, nil
	}
	t := ts.of(recv.Type())
	if t == nil {
		return method{}, nil
	}
	return t.methods[fn.Name()], t
}

// recognise returns what is known of a type if it is a session's: a struct with the marker session.Of[Schema].
func recognise(named *types.Named) *sessionType {
	st, ok := named.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for v := range st.Fields() {
		of, ok := types.Unalias(v.Type()).(*types.Named)
		if !ok || !isRuntime(of.Obj(), "Of") || of.TypeArgs().Len() != 1 {
			continue
		}
		fields, ok := of.TypeArgs().At(0).Underlying().(*types.Struct)
		if !ok {
			continue
		}
		t := &sessionType{named: named, fields: parse.Fields(fields)}
		t.methods = generatedMethods(named, t.fields)
		return t
	}
	return nil
}

func isRuntime(obj types.Object, name string) bool {
	return obj.Name() == name && obj.Pkg() != nil && obj.Pkg().Path() == runtimePath
}

// generatedMethods computes from the schema what the generator owns. A field's AppendF, PutF and the like are generated
// only for some types; a hand-written method of that name is told apart by its signature.
func generatedMethods(named *types.Named, fields []*schema.Field) map[string]method {
	owned := map[string]method{
		"Save": {kind: kindSave}, "Destroy": {kind: kindDestroy}, "Renew": {kind: kindChange},
		"Meta": {kind: kindMeta}, "Snapshot": {kind: kindSnapshot},
		"String": {kind: kindOther}, "GoString": {kind: kindOther}, "Format": {kind: kindOther}, "LogValue": {kind: kindOther},
	}
	signatures := map[string]*types.Signature{}
	for m := range named.Methods() {
		signatures[m.Name()] = m.Signature()
	}
	for _, f := range fields {
		change, value := method{kindChange, f}, method{kindValue, f}
		owned["Set"+f.Name], owned["Clear"+f.Name] = change, change
		owned["Has"+f.Name] = method{kindOther, f}
		if f.Flash {
			owned["Take"+f.Name] = value
		} else {
			owned[f.Name] = value
		}
		if f.Counter {
			owned["Add"+f.Name], owned["Count"+f.Name] = change, method{kindCount, f}
		}
		if f.JSON {
			continue
		}
		set := signatures["Set"+f.Name]
		if set == nil || set.Params().Len() != 1 {
			continue
		}
		switch t := set.Params().At(0).Type().Underlying().(type) {
		case *types.Slice:
			if s := signatures["Append"+f.Name]; s != nil && s.Variadic() && takes(s, types.NewSlice(t.Elem())) {
				owned["Append"+f.Name] = change
			}
		case *types.Map:
			if s := signatures["Put"+f.Name]; s != nil && takes(s, t.Key(), t.Elem()) {
				owned["Put"+f.Name] = change
			}
			if s := signatures["Delete"+f.Name]; s != nil && takes(s, t.Key()) {
				owned["Delete"+f.Name] = change
			}
			if s := signatures["Lookup"+f.Name]; s != nil && takes(s, t.Key()) {
				owned["Lookup"+f.Name] = value
			}
		}
	}
	return owned
}

func takes(s *types.Signature, params ...types.Type) bool {
	if s.Params().Len() != len(params) {
		return false
	}
	for i, t := range params {
		if !types.Identical(s.Params().At(i).Type(), t) {
			return false
		}
	}
	return true
}

// managerMethod returns the name of the method of session.Manager that fn is, or "".
func managerMethod(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil {
		return ""
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if named, ok := t.(*types.Named); ok && isRuntime(named.Obj(), "Manager") {
		return fn.Name()
	}
	return ""
}

// callee returns the method of a session that a call calls, and the expression of the session. The expression is nil if
// the method is one of a struct that embeds the session.
func (ts *sessionTypes) callee(info *types.Info, call *ast.CallExpr) (m method, t *sessionType, session ast.Expr) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return method{}, nil, nil
	}
	fn, ok := typeutil.Callee(info, call).(*types.Func)
	if !ok {
		return method{}, nil, nil
	}
	m, t = ts.method(fn)
	if m.kind == notGenerated {
		return method{}, nil, nil
	}
	switch s := info.Selections[sel]; {
	case s == nil:
	case s.Kind() == types.MethodExpr && len(call.Args) > 0:
		session = call.Args[0]
	case s.Kind() == types.MethodVal && len(s.Index()) == 1:
		session = sel.X
	}
	return m, t, session
}
