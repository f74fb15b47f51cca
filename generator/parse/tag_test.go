package parse

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/generator/schema"
)

func TestATagIsTakenApartWithThePlaceOfEachWord(t *testing.T) {
	const text = `json:"name" session:"user_name,renew,max=64,was=a,was=b" db:"x"`
	got, faults := parseTag(text)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if got.key != "user_name" || !strings.HasPrefix(text[got.keyAt:], "user_name,") {
		t.Errorf("key %q at %d", got.key, got.keyAt)
	}
	var words []string
	for _, o := range got.options {
		words = append(words, o.name+"="+o.value)
		if !strings.HasPrefix(text[o.at:], o.name) {
			t.Errorf("option %s at %d", o.name, o.at)
		}
	}
	if got := strings.Join(words, " "); got != "renew= max=64 was=a was=b" {
		t.Error(got)
	}
}

func TestAnOffsetInATagIsFoundInTheLiteralAsWritten(t *testing.T) {
	for _, literal := range []string{
		"`session:\"a,renw\"`",
		"`json:\"é\" session:\"a,renw\"`",
		`"session:\"a,renw\""`,
		`"json:\"é\\\"\u00e9\" session:\"a,renw\""`,
	} {
		src := "package p\n\ntype T struct {\n\tF int " + literal + "\n}\n"
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "p.go", src, 0)
		if err != nil {
			t.Fatal(err)
		}
		var lit *ast.BasicLit
		ast.Inspect(f, func(n ast.Node) bool {
			if field, ok := n.(*ast.Field); ok {
				lit = field.Tag
			}
			return true
		})
		text, err := strconv.Unquote(lit.Value)
		if err != nil {
			t.Fatal(err)
		}
		parsed, _ := parseTag(text)
		if len(parsed.options) != 1 {
			t.Fatalf("%s: %+v", literal, parsed)
		}
		offset := fset.Position(tagPos(lit, parsed.options[0].at)).Offset
		if !strings.HasPrefix(src[offset:], "renw") {
			t.Errorf("%s: found at %q", literal, src[offset:])
		}
	}
}

// Whatever stands in a struct tag: what reflect reads as the session tag is what is parsed, places lie within the text,
// and what passes without a fault means the same when it is written anew.
func FuzzTag(f *testing.F) {
	for _, seed := range []string{
		``, `session:"user_id,renew"`, `json:"a" session:"b,ttl=10m,max=3,was=x,was=y"`, `session:"-"`, `session:"-,x"`,
		`session:"`, `session:user_id`, `session:"a" session:"b"`, ` session:"a,,"`, `sesion:"a"`, `session:"a\tb"`,
		"session:\"\xff\"", `json:"\"" session:",flash"`, `x:"`, `session:"a,was="`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, faults := parseTag(text)
		for _, fault := range faults {
			if fault.at < 0 || fault.at > len(text) || fault.message == "" {
				t.Fatalf("fault %+v outside %q", fault, text)
			}
		}
		var field schema.Field
		more := applyOptions(&field, got.options)
		for _, fault := range more {
			if fault.at < 0 || fault.at > len(text) || fault.message == "" {
				t.Fatalf("fault %+v outside %q", fault, text)
			}
		}
		if len(faults)+len(more) > 0 {
			return
		}
		value, found := reflect.StructTag(text).Lookup("session")
		if found != got.found {
			t.Fatalf("reflect finds a session tag in %q: %v, we: %v", text, found, got.found)
		}
		if !found || got.skip {
			return
		}
		if key, _, _ := strings.Cut(value, ","); key != got.key {
			t.Fatalf("key %q of %q, want %q", got.key, text, key)
		}
		again, faults := parseTag(fmt.Sprintf("session:%q", value))
		if len(faults) > 0 || again.key != got.key || len(again.options) != len(got.options) {
			t.Fatalf("%q does not mean the same when written anew: %+v, %+v", text, got, again)
		}
	})
}
