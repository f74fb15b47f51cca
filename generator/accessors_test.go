package generator_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sessiongen/sessiongen/generator"
	"github.com/sessiongen/sessiongen/generator/check"
	"github.com/sessiongen/sessiongen/generator/load"
	"github.com/sessiongen/sessiongen/generator/parse"
)

const everyKind = `package web

import "time"

//sessiongen:schema
type SessionSchema struct {
	Bool     bool
	Int      int64
	Float    float32
	Text     string ` + "`session:\"text,max=10,secret,ttl=1m\"`" + `
	Bytes    []byte
	Time     time.Time
	Duration time.Duration
	Slice    []string
	Items    []Item ` + "`session:\"items,was=list\"`" + `
	Array    [2]int
	Map      map[string]int
	Pointer  *Item
	Struct   Item
	Counter  uint8             ` + "`session:\"c,counter\"`" + `
	Flash    string            ` + "`session:\"f,flash\"`" + `
	Flashes  []string          ` + "`session:\"fs,flash\"`" + `
	FlashMap map[int]Item      ` + "`session:\"fm,flash\"`" + `
	JSON     map[string]any    ` + "`session:\"json,json\"`" + `
	User     string            ` + "`session:\"user,renew\"`" + `
	Base
}

type Item struct{ N int }

type Base struct{ Promoted []int8 }
`

// Package check refuses names that collide with what is generated, package render generates it: neither knows the other,
// so here they are held against each other.
func TestTheNamesThatAreCheckedAreThoseThatAreGenerated(t *testing.T) {
	dir := tempModule(t, "example.com/shop")
	writeFile(t, filepath.Join(dir, "session.go"), []byte(everyKind))
	res, err := generator.Run(t.Context(), load.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Found) > 0 || len(res.Changes) != 1 {
		t.Fatalf("%v, %d files", res.Found, len(res.Changes))
	}
	file, err := parser.ParseFile(token.NewFileSet(), "", res.Changes[0].New, 0)
	if err != nil {
		t.Fatal(err)
	}
	pkgs, err := load.Load(t.Context(), load.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	model, _ := parse.Package(pkgs[0])
	want := check.Methods(model.Files[0].Wraps[0])
	slices.Sort(want)
	if diff := cmp.Diff(want, members(file, "Session")); diff != "" {
		t.Errorf("names (-checked +generated):\n%s", diff)
	}
}

// members returns the names of a type's fields and methods, sorted.
func members(file *ast.File, name string) []string {
	var names []string
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				continue
			}
			if star, ok := d.Recv.List[0].Type.(*ast.StarExpr); ok && star.X.(*ast.Ident).Name == name {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				s, ok := spec.(*ast.TypeSpec)
				if !ok || s.Name.Name != name {
					continue
				}
				for _, f := range s.Type.(*ast.StructType).Fields.List {
					for _, n := range f.Names {
						if n.Name != "_" {
							names = append(names, n.Name)
						}
					}
				}
			}
		}
	}
	slices.Sort(names)
	return names
}
