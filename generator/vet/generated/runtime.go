package generated

import (
	"go/types"
	"strings"
)

// The packages of the runtime are written out, not taken from an import: the analyzers know the runtime by its types
// alone.
const (
	runtimePath = "github.com/sessiongen/sessiongen/runtime/session"
	testPath    = "github.com/sessiongen/sessiongen/runtime/sessiontest"
	adapterPath = "github.com/sessiongen/sessiongen/runtime/adapter/" // ginsession, echosession and so on
)

func isRuntime(obj types.Object, name string) bool {
	return obj.Name() == name && obj.Pkg() != nil && obj.Pkg().Path() == runtimePath
}

// A ManagerMethod says how a method of session.Manager handles sessions.
type ManagerMethod int

const (
	NoManagerMethod ManagerMethod = iota
	Loads                         // Load: the handler saves, unless Middleware does
	Opens                         // Open: the caller saves
	Gets                          // Get, FromContext, Must: Middleware saves
	Wraps                         // Middleware, Handle, Do: saves for the handlers that it is given
	Guards                        // Require: within that
	Manages                       // anything else
)

// ManagerMethodOf classifies a function: a method of session.Manager, or a function of a framework's adapter that
// stands for the method of its name. NoManagerMethod is any other.
func ManagerMethodOf(fn *types.Func) ManagerMethod {
	if !isOfManager(fn) && !isOfAdapter(fn) {
		return NoManagerMethod
	}
	switch fn.Name() {
	case "Load":
		return Loads
	case "Open":
		return Opens
	case "Get", "FromContext", "Must":
		return Gets
	case "Middleware", "Handle", "Do":
		return Wraps
	case "Require":
		return Guards
	}
	return Manages
}

func isOfManager(fn *types.Func) bool {
	recv := fn.Signature().Recv()
	return recv != nil && IsManager(recv.Type())
}

// IsManager reports whether a type is a session.Manager, or a pointer to one.
func IsManager(t types.Type) bool {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, ok := t.(*types.Named)
	return ok && isRuntime(named.Obj(), "Manager")
}

func isOfAdapter(fn *types.Func) bool {
	return fn.Signature().Recv() == nil && fn.Pkg() != nil && strings.HasPrefix(fn.Pkg().Path(), adapterPath)
}

// Lists reports whether a function is Owner.List, whose list holds sessions as Open would give them.
func Lists(fn *types.Func) bool {
	recv := fn.Signature().Recv()
	if fn.Name() != "List" || recv == nil {
		return false
	}
	named, ok := types.Unalias(recv.Type()).(*types.Named)
	return ok && isRuntime(named.Obj(), "Owner")
}

// IsDo reports whether a function is Manager.Do, whose error is that of a save.
func IsDo(fn *types.Func) bool { return ManagerMethodOf(fn) == Wraps && fn.Name() == "Do" }

// IsMeta reports whether a type is session.Meta, or a pointer to one.
func IsMeta(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	return ok && isRuntime(named.Obj(), "Meta")
}

// BindsSession reports whether a function returns a request with a session bound to it, as within Middleware.
func BindsSession(fn *types.Func) bool {
	return fn.Name() == "Inside" && fn.Pkg() != nil && fn.Pkg().Path() == testPath
}

// reach looks through everything that a package imports, directly or not, for net/http and the runtime.
func reach(pkg *types.Package) (response *types.Interface, runtime bool) {
	seen := map[*types.Package]bool{pkg: true}
	todo := []*types.Package{pkg}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		switch p.Path() {
		case runtimePath:
			runtime = true
		case "net/http":
			if obj := p.Scope().Lookup("ResponseWriter"); obj != nil {
				response, _ = obj.Type().Underlying().(*types.Interface)
			}
			continue // its own imports lead nowhere
		}
		for _, imp := range p.Imports() {
			if !seen[imp] {
				seen[imp] = true
				todo = append(todo, imp)
			}
		}
	}
	return response, runtime
}
