package inspect

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

type item struct {
	SKU    string
	Qty    int
	hidden string
}

type password string

func (password) String() string { return "***" }

type behindPointer struct{ Word string }

func (*behindPointer) String() string { return "***" }

type formats struct{ Word string }

func (formats) Format(f fmt.State, _ rune) { fmt.Fprint(f, "***") }

type says string

func (s says) String() string { return string(s) }

func TestValuesAreReadable(t *testing.T) {
	text := "x"
	for want, v := range map[string]any{
		"nil":                                 nil,
		"true":                                true,
		"-7":                                  int8(-7),
		"1.5":                                 1.5,
		`"a\nb"`:                              "a\nb",
		`"bytes"`:                             []byte("bytes"),
		"0xff00":                              []byte{0xff, 0},
		"1m30s":                               90 * time.Second,
		"2026-01-02T03:04:05Z":                time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		"192.0.2.1":                           netip.MustParseAddr("192.0.2.1"),
		`"x"`:                                 &text,
		"[]":                                  []int{},
		"[1]":                                 []int{1},
		"[\n  1\n  2\n]":                      []int{1, 2},
		"{}":                                  map[string]int{},
		"{\n  \"a\": [1, 2]\n  \"b\": []\n}":  map[string][]int{"b": nil, "a": {1, 2}},
		`{SKU: "tea", Qty: 2}`:                item{"tea", 2, "unexported"},
		"[\n  {SKU: \"a\", Qty: 0}\n  nil\n]": []*item{{SKU: "a"}, nil},
		"{\n  \"k\": [1, \"x\", nil]\n  \"m\": {}\n}": map[string]any{"k": []any{1, "x", nil}, "m": map[string]any{}},
		`a\nb \u202ec \x1b[2J <i> ä`:                  says("a\nb \u202ec \x1b[2J <i> ä"),
		"[***]":                                       []password{"canary"},
		"{Inner: ***}":                                struct{ Inner behindPointer }{behindPointer{"canary"}},
		"{\n  \"a\": ***\n  \"b\": ***\n}":            map[string]any{"a": formats{"canary"}, "b": &behindPointer{"canary"}},
	} {
		if got := valueText(v); got != want {
			t.Errorf("%#v is shown as %s, want %s", v, got, want)
		}
	}
}

func TestALongValueIsCut(t *testing.T) {
	many := make([]string, 1<<20)
	deep := any("x")
	for range 1000 {
		deep = []any{deep}
	}
	for name, v := range map[string]any{
		"text": strings.Repeat("ä", 1<<20), "bytes": []byte(strings.Repeat("\xff", 1<<20)), "list": many, "lists": [][]string{many}, "deep": deep,
	} {
		if got := valueText(v); len(got) > maxText+len("…") || !strings.Contains(got, "…") || !utf8.ValidString(got) {
			t.Errorf("%s: %d bytes, %q", name, len(got), got[max(0, len(got)-20):])
		}
	}
}
