package known

import (
	"go/importer"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"
)

// A name that is misspelt, or that the standard library has no more, would go unnoticed: its calls would count as
// others.
func TestEachFullNameIsOneOfTheStandardLibrary(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: it reads the export data of a dozen packages")
	}
	imports := importer.Default()
	tables := [][]string{
		slices.Collect(maps.Keys(writesTo)), slices.Collect(maps.Keys(wraps)), slices.Collect(maps.Keys(passesOn)),
		slices.Collect(maps.Keys(stores)), slices.Collect(maps.Keys(changes)), slices.Collect(maps.Keys(sinks)),
	}
	for _, name := range slices.Concat(tables...) {
		fn := lookup(t, imports, name)
		if fn == nil {
			t.Errorf("%s is not declared", name)
		} else if got := Name(fn); got != name {
			t.Errorf("%s is called %s", name, got)
		}
	}
}

// lookup finds a function by its full name: fmt.Print, (*bytes.Buffer).WriteTo, (io.WriterTo).WriteTo.
func lookup(t *testing.T, imports types.Importer, name string) *types.Func {
	t.Helper()
	rest, method, isMethod := strings.Cut(name, ").")
	rest = strings.TrimLeft(rest, "(*")
	rest, _, _ = strings.Cut(rest, "[") // of a generic type
	dot := strings.LastIndex(rest, ".")
	pkg, err := imports.Import(rest[:dot])
	if err != nil {
		t.Fatal(err)
	}
	obj := pkg.Scope().Lookup(rest[dot+1:])
	if obj == nil || !isMethod {
		fn, _ := obj.(*types.Func)
		return fn
	}
	found, _, _ := types.LookupFieldOrMethod(obj.Type(), true, pkg, method)
	fn, _ := found.(*types.Func)
	return fn
}

func TestWhatAHeaderSaysToCachesIsReadFromItsKnownParts(t *testing.T) {
	for _, tt := range []struct {
		text  string
		whole bool
		want  Caching
	}{
		{"public, max-age=60", true, AllowsCaching},
		{"no-cache", true, AllowsCaching},
		{"No-Store", true, ForbidsCaching},
		{"private, max-age=60", true, ForbidsCaching},
		{"max-age=%d", false, AllowsCaching},
		{"", true, AllowsCaching},
		{"", false, SaysNothing},
	} {
		if got := CachingOf(tt.text, tt.whole); got != tt.want {
			t.Errorf("CachingOf(%q, %t) = %d, want %d", tt.text, tt.whole, got, tt.want)
		}
	}
	if got := CachingHeader("cdn-cache-control"); got != "CDN-Cache-Control" {
		t.Errorf("CachingHeader knows it as %q", got)
	}
}
