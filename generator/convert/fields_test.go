package convert

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

const promotionSource = `package p

type Deep struct {
	A int
	B int ` + "`session:\"b\" json:\"b\"`" + `
	Same int
}

type Left struct {
	Deep
	X int
	Same int
	Both int
}

type Right struct {
	X int ` + "`session:\"x\" json:\"x\"`" + `
	Both int
	*Loop
}

type Loop struct {
	*Loop
	L int
}

type Role string

type S struct {
	A int
	Left
	*Right
	Role
	Named Deep
	Tagged Deep ` + "`session:\"tagged\" json:\"tagged\"`" + `
	Out int ` + "`session:\"-\" json:\"-\"`" + `
	hidden int ` + "`session:\"-\" json:\"-\"`" + `
	_ int
}
`

// The rules are those of encoding/json, so encoding/json is asked: on a struct of the same shape, with keys in its way.
func TestPromotionFollowsEncodingJSON(t *testing.T) {
	type Deep struct {
		A    int `json:"a"`
		B    int `json:"b"`
		Same int `json:"same"`
	}
	type Left struct {
		Deep
		X    int
		Same int `json:"same"`
		Both int `json:"both"`
	}
	type Loop struct {
		L int `json:"l"`
	}
	type Right struct {
		X    int `json:"x"`
		Both int `json:"both"`
		*Loop
	}
	type Role string
	type S struct {
		A int `json:"a"`
		Left
		*Right
		Role   `json:"role"`
		Named  Deep `json:"named"`
		Tagged Deep `json:"tagged"`
	}
	text, err := json.Marshal(S{Right: &Right{Loop: &Loop{}}})
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	delete(want, "X") // Left.X has the key X there, and x here, where Right.X has it by tag

	st := structType(t, promotionSource, "S")
	fields := Fields(st.Field(0).Pkg(), st)
	var got []string
	for _, f := range fields {
		got = append(got, f.Key)
		if _, ok := want[f.Key]; !ok {
			t.Errorf("encoding/json does not store %s", f.Key)
		}
	}
	if len(got) != len(want) {
		t.Errorf("stored %v, encoding/json %s", got, text)
	}
	if order := []string{"a", "b", "same", "x", "l", "role", "named", "tagged"}; !slices.Equal(got, order) {
		t.Errorf("order %v, want %v", got, order)
	}
}

func TestFieldsTellsKeysOptionsAndPathsOfATypeAlone(t *testing.T) {
	st := structType(t, `package p

type Base struct {
	UserID int64 `+"`session:\"user_id,renew\"`"+`
}

type S struct {
	*Base
	Visits   int64  `+"`session:\",counter\"`"+`
	Notice   string `+"`session:\"n,flash,was=notice,max=10\"`"+`
	LastSeen func()
	lower    int
}
`, "S")
	var got []string
	for _, f := range Fields(st.Field(0).Pkg(), st) {
		got = append(got, fmt.Sprintf("%s %s renew=%t counter=%t flash=%t was=%v max=%d steps=%d",
			f.Name, f.Key, f.Renew, f.Counter, f.Flash, f.Was, f.Max, len(f.Path)))
	}
	want := `UserID user_id renew=true counter=false flash=false was=[] max=0 steps=2
Visits visits renew=false counter=true flash=false was=[] max=0 steps=1
Notice n renew=false counter=false flash=true was=[notice] max=10 steps=1
LastSeen last_seen renew=false counter=false flash=false was=[] max=0 steps=1`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

func structType(t *testing.T, src, name string) *types.Struct {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	conf := types.Config{Importer: importer.Default()}
	pkg, err := conf.Check("p", fset, []*ast.File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pkg.Scope().Lookup(name).Type().Underlying().(*types.Struct)
}
