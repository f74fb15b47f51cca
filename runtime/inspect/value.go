package inspect

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxText is how many bytes of a value the page shows.
const maxText = 4 << 10

// valueText shows a value, an element of a list and a pair of a map to a line. What has a text of its own (Format,
// String, Error) shows that and nothing else, for it may hide something.
func valueText(v any) string {
	p := printer{}
	p.value(reflect.ValueOf(v), 0)
	if len(p.b) > maxText {
		return strings.ToValidUTF8(string(p.b[:maxText]), "") + "…"
	}
	return string(p.b)
}

type printer struct{ b []byte }

func (p *printer) full() bool { return len(p.b) > maxText }

const maxDepth = 16 // of values within values: what json brings may be nested as it likes

func (p *printer) value(v reflect.Value, depth int) {
	if !v.IsValid() {
		p.b = append(p.b, "nil"...)
		return
	}
	if p.full() || depth > maxDepth {
		p.b = append(p.b, "…"...)
		return
	}
	if text, ok := ownText(v); ok {
		p.b = append(p.b, printing(text)...)
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		p.value(v.Elem(), depth+1)
	case reflect.String:
		p.b = strconv.AppendQuote(p.b, v.String())
	case reflect.Slice, reflect.Array:
		p.list(v, depth)
	case reflect.Map:
		p.pairs(v, depth)
	case reflect.Struct:
		p.members(v, depth)
	default:
		p.b = fmt.Appendf(p.b, "%v", v)
	}
}

// printing escapes what ends a line, moves a cursor or turns the direction of writing, as strconv.Quote does: a text that
// is shown without quotes must not pass for something of the page.
func printing(text string) string {
	if strings.IndexFunc(text, misleads) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if misleads(r) {
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func misleads(r rune) bool {
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// ownText returns what a value says of itself.
func ownText(v reflect.Value) (string, bool) {
	if !v.CanInterface() {
		return "", false
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return x.Format(time.RFC3339Nano), true
	case fmt.Formatter, fmt.Stringer, error:
		if v.Kind() == reflect.Pointer && v.IsNil() {
			return "nil", true
		}
		return fmt.Sprintf("%+v", x), true
	}
	if v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		return "", false
	}
	// Methods of the pointer hide as well.
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	switch x := p.Interface().(type) {
	case fmt.Formatter, fmt.Stringer, error:
		return fmt.Sprintf("%+v", x), true
	}
	return "", false
}

func (p *printer) list(v reflect.Value, depth int) {
	if v.Type().Elem().Kind() == reflect.Uint8 && v.Kind() == reflect.Slice {
		p.bytes(v.Bytes())
		return
	}
	p.each('[', ']', v.Len(), depth, func(i int) { p.value(v.Index(i), depth+1) })
}

func (p *printer) bytes(b []byte) {
	if utf8.Valid(b) {
		p.b = strconv.AppendQuote(p.b, string(b))
		return
	}
	p.b = append(p.b, "0x"...)
	p.b = hex.AppendEncode(p.b, b[:min(len(b), maxText)])
}

func (p *printer) pairs(v reflect.Value, depth int) {
	type pair struct {
		key   string
		value reflect.Value
	}
	var all []pair
	for key, value := range v.Seq2() {
		k := printer{}
		k.value(key, depth+1)
		all = append(all, pair{string(k.b), value})
	}
	slices.SortFunc(all, func(a, b pair) int { return strings.Compare(a.key, b.key) })
	p.each('{', '}', len(all), depth, func(i int) {
		p.b = append(append(p.b, all[i].key...), ": "...)
		p.value(all[i].value, depth+1)
	})
}

func (p *printer) members(v reflect.Value, depth int) {
	var shown []int
	for i := range v.NumField() {
		if v.Type().Field(i).IsExported() {
			shown = append(shown, i)
		}
	}
	p.b = append(p.b, '{')
	for n, i := range shown {
		if n > 0 {
			p.b = append(p.b, ", "...)
		}
		p.b = append(append(p.b, v.Type().Field(i).Name...), ": "...)
		p.value(v.Field(i), depth+1)
	}
	p.b = append(p.b, '}')
}

// each writes elements between brackets: those of the value itself on lines of their own, if there are several.
func (p *printer) each(open, end byte, n, depth int, element func(i int)) {
	lines := depth == 0 && n > 1
	p.b = append(p.b, open)
	for i := range n {
		if p.full() {
			break
		}
		switch {
		case lines:
			p.b = append(p.b, "\n  "...)
		case i > 0:
			p.b = append(p.b, ", "...)
		}
		element(i)
	}
	if lines {
		p.b = append(p.b, '\n')
	}
	p.b = append(p.b, end)
}
