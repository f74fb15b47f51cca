package check

import (
	"go/token"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// A package that declares a string of its own would give the output another meaning.
func TestAHiddenPredeclaredNameIsRefusedWhereItIsNeeded(t *testing.T) {
	const source = `package p

type fields struct {
	any  string
	min  struct{ error uint }
	byte int
}

var _ = fields{byte: 1, any: other.float64("")}

func f(rune int) { _ = rune }
`
	for name, refused := range map[string]bool{
		"string": true, "uint": true, "int": true, // types
		"any": false, "error": false, "byte": false, "min": false, // fields alone
		"float64": false, "rune": false, // another package's, a parameter
		"len": false, "true": false, // not mentioned
	} {
		at := token.Position{Filename: "own.go", Line: 7, Column: 6}
		pkg := &schema.Package{Scope: map[string]token.Position{name: at}}
		found := Source(pkg, &schema.File{}, nil, []byte(source))
		if refused != (len(found) == 1) {
			t.Errorf("%s: %v, want it refused: %t", name, found, refused)
		} else if refused {
			want := name + " hides what is predeclared under that name, which generated code needs: rename it"
			if diff := cmp.Diff(want, found[0].Message); diff != "" || found[0].Pos != at || found[0].Note {
				t.Errorf("%s: %v", name, found[0])
			}
		}
	}
}
