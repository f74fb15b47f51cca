package render

import (
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
	bag := &schema.Type{Kind: schema.KindJSON, Expr: schema.Expr{Text: "map[string]any"}}
	if got := typeName(bag); got != "JSONMapStringAny" {
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

func TestAnImportIsNamedWhereItsPathIsNoHelp(t *testing.T) {
	for path, want := range map[string]string{
		"time": "time", "log/slog": "slog", "example.com/item/v2": "item", "example.com/go-item": "item",
		"gopkg.in/yaml.v3": "yaml", "example.com/v2": "example", "example.com/my-item": "my",
	} {
		if got := assumedName(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func TestAnImportOfATakenNameSaysItsOrigin(t *testing.T) {
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
