package render

import (
	"errors"
	"go/token"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/generator/schema"
)

func TestFunctionsAreNamedAfterTheirType(t *testing.T) {
	shop := schema.Import{Path: "example.com/go-shop/v2", Name: "shop"}
	for text, want := range map[string]string{
		"Item":                               "Item",
		"item":                               "Item",
		"[]Item":                             "SliceItem",
		"[][]byte":                           "SliceSliceByte",
		"[16]uint8":                          "Array16Uint8",
		"map[string]*Item":                   "MapStringPointerItem",
		"«example.com/go-shop/v2».Item":      "ShopItem",
		"«example.com/go-shop/v2».SHOP":      "SHOP",
		"Pair[string,[]int]":                 "PairStringSliceInt",
		"Box[«example.com/go-shop/v2».Item]": "BoxShopItem",
		"struct{X int; Y int}":               "StructXY",
		"struct{A, B, C, D int}":             "StructABCD",
		"struct{A int; B int; C int; D int}": "Struct",
		"struct{X int \"note:\\\"«»\\\"\"}":  "StructX",
		"interface{}":                        "Any",
	} {
		if got := typeName(&schema.Type{Expr: schema.Expr{Text: text, Imports: []schema.Import{shop}}}); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	if got := typeName(&schema.Type{Kind: schema.KindJSON, Expr: schema.Expr{Text: "map[string]any"}}); got != "JSONMapStringAny" {
		t.Errorf("with the json option: %s", got)
	}
}

func TestPrivateNamesBeginWithAWordInLowerCase(t *testing.T) {
	for name, want := range map[string]string{
		"Session": "session", "AdminSession": "adminSession", "HTTPSession": "httpSession", "ID": "id", "X": "x", "Ünder": "ünder", "": "",
	} {
		if got := lowerFirst(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestAnImportIsNamedWhereItsPathDoesNotSayIt(t *testing.T) {
	for path, want := range map[string]string{
		"time": "time", "log/slog": "slog", "example.com/item/v2": "item", "example.com/go-item": "item",
		"gopkg.in/yaml.v3": "yaml", "example.com/v2": "example", "example.com/my-item": "my",
	} {
		if got := assumedName(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func TestAnImportOfATakenNameSaysWhereItComesFrom(t *testing.T) {
	taken := map[string]bool{"item": true, "shopitem": true, "record": true}
	for _, c := range []struct {
		path, name, want string
	}{
		{"example.com/cart/item", "item", "cartitem"},
		{"example.com/cart/item/v2", "item", "cartitem"},
		{"example.com/shop/item", "item", "item2"},
		{"record", "record", "record2"},
		{"example.com/string", "string", "examplecomstring"},
		{"example.com/err", "err", "examplecomerr"},
		{"example.com/free", "free", "free"},
	} {
		if got := importName(schema.Import{Path: c.path, Name: c.name}, taken); got != c.want {
			t.Errorf("%s: %s, want %s", c.path, got, c.want)
		}
	}
}

func TestDurationsReadAsInATag(t *testing.T) {
	for d, want := range map[time.Duration]string{
		10 * time.Minute: "10m", 24 * time.Hour: "24h", 90 * time.Minute: "1h30m", 90 * time.Second: "1m30s",
		time.Hour + time.Second: "1h0m1s", 20 * time.Second: "20s", 1500 * time.Millisecond: "1.5s",
	} {
		if got := durationText(d); got != want {
			t.Errorf("%d: %s, want %s", d, got, want)
		}
	}
}

// A package that declares a string of its own would give the output another meaning.
func TestAHiddenPredeclaredNameIsRefusedOnlyWhereItIsNeeded(t *testing.T) {
	f := &schema.File{Source: "session.go", Output: "session_gen.go", Wraps: []*schema.Wrapper{{
		Name: "Session", Struct: "SessionSchema",
		Fields: []*schema.Field{{
			Name: "Name", Key: "name", Path: []schema.Step{{Name: "Name"}},
			Type: &schema.Type{Kind: schema.KindString, Expr: schema.Expr{Text: "string"}},
		}},
		Guards: []*schema.Struct{{Name: "SessionSchema", Type: schema.Expr{Text: "SessionSchema"}}},
	}}}
	pkg := func(declared ...string) *schema.Package {
		p := &schema.Package{Path: "example.com/p", Name: "p", Files: []*schema.File{f}, Scope: map[string]token.Position{}}
		for _, name := range declared {
			p.Scope[name] = token.Position{Filename: "own.go", Line: 7, Column: 6}
		}
		return p
	}
	if _, err := File(pkg("len", "min", "any", "byte"), f); err != nil {
		t.Errorf("names that the output does not need: %v", err)
	}
	_, err := File(pkg("string", "uint", "len"), f)
	var hidden *HiddenError
	if !errors.As(err, &hidden) || len(hidden.Names) != 2 {
		t.Fatalf("err = %v", err)
	}
	for _, want := range []string{"own.go:7:6: string hides", "own.go:7:6: uint hides"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}
