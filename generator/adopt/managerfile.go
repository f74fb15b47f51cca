package adopt

import (
	"bytes"
	"fmt"
	"go/format"
	"strings"
)

// The functions that rewritten calls use, where the old library's answer is of another shape.
const (
	orNil     = "valueOrNil"
	orZero    = "valueOrZero"
	flashList = "flashList"
	around    = "withVisitors"
	ofFiber   = "visitorOf"
)

// managerFile is the file with the variable for the manager, and with the functions that the rewritten calls use; or
// nothing if all of that is there.
func (r *rewriter) managerFile() []byte {
	var body bytes.Buffer
	imports := map[string]bool{}
	wrapper := r.wrapper()
	if r.in.scope.Lookup(r.manager) == nil {
		fmt.Fprintf(&body, "// %s has the visitors' sessions. Set it at start, before the first request, where the old library is set up:\n//\n", r.manager)
		fmt.Fprintf(&body, "//\t%s, err = New%ss(store, session.Config{Secrets: secrets})\n", r.manager, wrapper)
		if !r.has(around) {
			fmt.Fprintf(&body, "//\n// and put around the handlers%s\n", r.setUp())
		}
		fmt.Fprintf(&body, "var %s *%ss\n", r.manager, wrapper)
	}
	if r.has(around) && r.in.scope.Lookup(around) == nil {
		imports["net/http"] = true
		fmt.Fprintf(&body, `
// %[1]s puts the sessions around handlers, loaded, so that Must finds them.
func %[1]s(next http.Handler) http.Handler {
	loaded := %[2]s.Require(func(*%[3]s) bool { return true }, http.NotFoundHandler())
	return %[2]s.Middleware(loaded(next))
}
`, around, r.manager, wrapper)
	}
	if r.has(ofFiber) && r.in.scope.Lookup(ofFiber) == nil {
		imports["github.com/gofiber/fiber/v3"] = true
		fmt.Fprintf(&body, `
// %[1]s is the session of a request. It panics where that cannot be loaded, as the old library's middleware did:
// fibersession.Get returns the error.
func %[1]s(c fiber.Ctx) *%[3]s {
	s, err := %[2]s.FromContext(c.Context())
	if err != nil {
		panic(err)
	}
	return s
}
`, ofFiber, r.manager, wrapper)
	}
	if r.has(orNil) && r.in.scope.Lookup(orNil) == nil {
		fmt.Fprintf(&body, `
// %[1]s is a value as the old library returned it: nil where there is none. Ask HasF and use the value itself where
// the code allows it.
func %[1]s[T any](v T, has bool) any {
	if !has {
		return nil
	}
	return v
}
`, orNil)
	}
	if r.has(orZero) && r.in.scope.Lookup(orZero) == nil {
		fmt.Fprintf(&body, `
// %[1]s is a value that is taken, or the zero value, as the old library returned it.
func %[1]s[T any](v T, _ bool) T { return v }
`, orZero)
	}
	if r.has(flashList) && r.in.scope.Lookup(flashList) == nil {
		fmt.Fprintf(&body, `
// %[1]s is a list of flashes as the old library returned it. Range over the list itself where the code allows it.
func %[1]s[T any](list []T, _ bool) []any {
	var all []any
	for _, v := range list {
		all = append(all, v)
	}
	return all
}
`, flashList)
	}
	if body.Len() == 0 {
		return nil
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "package %s\n\n", r.in.name)
	writeImports(&b, imports)
	b.Write(body.Bytes())
	src, err := format.Source(b.Bytes())
	if err != nil {
		return b.Bytes() // the type checker says what is wrong
	}
	return src
}

// setUp shows how the sessions come around the handlers of a framework.
func (r *rewriter) setUp() string {
	loads := fmt.Sprintf("func(*%s) bool { return true }", r.wrapper())
	switch l := r.library(); {
	case l == ginContrib:
		return fmt.Sprintf(", so that Must finds the session loaded:\n//\n"+
			"//\tengine.Use(ginsession.Middleware(%[1]s), ginsession.Require(%[1]s, %[2]s, nil))", r.manager, loads)
	case l.adapter != "":
		return fmt.Sprintf(":\n//\n//\tapp.Use(%s.Middleware(%s))", l.adapter, r.manager)
	}
	return fmt.Sprintf(", so that Must finds the session loaded:\n//\n"+
		"//\tloaded := %[1]s.Require(%[2]s, http.NotFoundHandler())\n//\t%[1]s.Middleware(loaded(handlers))", r.manager, loads)
}

// library is the one whose calls are rewritten.
func (r *rewriter) library() *library {
	for _, e := range r.edits {
		if e.site != nil {
			return e.site.lib
		}
	}
	return &library{}
}

// has reports whether rewritten calls use a function.
func (r *rewriter) has(name string) bool {
	for _, e := range r.edits {
		if e.text == name || strings.Contains(e.text, name+"(") {
			return true
		}
	}
	return false
}
