package generated

import (
	"go/token"
	"go/types"
	"testing"

	"golang.org/x/tools/go/analysis"
)

func TestAPackageThatImportsNeitherTheRuntimeNorHTTPIsPassedOver(t *testing.T) {
	named := func(path string, imports ...*types.Package) *types.Package {
		pkg := types.NewPackage(path, "p")
		pkg.SetImports(imports)
		return pkg
	}
	http := named("net/http", named("io"))
	responseWriter := types.NewTypeName(token.NoPos, http, "ResponseWriter", nil)
	types.NewNamed(responseWriter, types.NewInterfaceType(nil, nil), nil)
	http.Scope().Insert(responseWriter)
	runtime := named(runtimePath, named("context"))

	for _, tt := range []struct {
		pkg               *types.Package
		response, runtime bool
	}{
		{named("example.com/neither", named("io", named("errors")), named("context")), false, false},
		{named("example.com/handlers", http), true, false},
		{named("example.com/sessions", runtime), false, true},
		{
			named("example.com/both", named("example.com/handlers", http), named("example.com/sessions", runtime)),
			true, true,
		},
	} {
		response, runtime := reach(tt.pkg)
		if (response != nil) != tt.response || runtime != tt.runtime {
			t.Errorf("%s: knows responses %t, sessions %t; want %t, %t",
				tt.pkg.Path(), response != nil, runtime, tt.response, tt.runtime)
		}
		if tt.response || tt.runtime {
			continue
		}
		// A pass without syntax and without results: to look at it would be a crash.
		got, err := run(&analysis.Pass{Pkg: tt.pkg})
		if p, ok := got.(*Package); err != nil || !ok || p != nil {
			t.Errorf("%s: run = %v, %v, want none", tt.pkg.Path(), got, err)
		}
	}
}
