// Package known has tables of other packages' functions, methods and types, by name: which write to a response, which
// log, which signal the end of a goroutine. The analyzers do not read the standard library below net/http, and of web
// frameworks and loggers they need no more than this.
//
// The effects of the functions in the analyzed packages are inferred, not looked up here.
package known

import (
	"go/types"
	"strings"
)

// Name returns the full name of a function of the standard library, or "" for any other: the tables by full name hold
// those alone, and most calls are others.
func Name(fn *types.Func) string {
	if fn.Pkg() == nil {
		return fn.FullName()
	}
	path := fn.Pkg().Path()
	if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
		return ""
	}
	if fn.Signature().Recv() == nil {
		return path + "." + fn.Name()
	}
	return fn.FullName()
}

// A set has names in it.
type set map[string]bool

func setOf(names ...string) set {
	s := make(set, len(names))
	for _, name := range names {
		s[name] = true
	}
	return s
}

// named returns the path of the package and the name of a declared type, also of one that a pointer points to.
func named(t types.Type) (pkg, name string) {
	if t == nil {
		return "", ""
	}
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return "", ""
	}
	return n.Obj().Pkg().Path(), n.Obj().Name()
}

func isPointer(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.Pointer)
	return ok
}

// hasMethod reports whether a value of the type, or its address, has a method of this name.
func hasMethod(t types.Type, name string, addressable bool) bool {
	if t == nil {
		return false
	}
	obj, _, _ := types.LookupFieldOrMethod(t, addressable, nil, name)
	_, ok := obj.(*types.Func)
	return ok
}
