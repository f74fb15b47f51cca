package session

import (
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sessiongen/sessiongen/runtime/record"
)

// Text shows the fields that have a value, but for secret ones, as String of the named wrapper. The values of fields
// whose types are not among the simple ones come from field, which returns nil for any other and may be nil itself.
//
// It is one line whatever the values are, so that none of them can forge a line of a log.
func (c *Core) Text(name string, field func(i int) any) string {
	b := append([]byte(name), '{')
	c.each(field, func(f *record.Field, v any) {
		if b[len(b)-1] != '{' {
			b = append(b, ", "...)
		}
		b = append(append(append(b, f.Name...), ": "...), valueText(v)...)
	})
	return string(append(b, '}'))
}

// Print is the generated Format, for every verb: text, which is String's.
func (c *Core) Print(f fmt.State, text string) { _, _ = io.WriteString(f, text) }

// LogValue is a group of the fields that have a value, but for secret ones, by their stored keys. Values are as in
// Text; one that would need several lines there is a string here, since not every handler of slog escapes what it
// prints.
func (c *Core) LogValue(field func(i int) any) slog.Value {
	var attrs []slog.Attr
	c.each(field, func(f *record.Field, v any) { attrs = append(attrs, slog.Any(f.Key, logged(v))) })
	return slog.GroupValue(attrs...)
}

func (c *Core) each(field func(i int) any, do func(*record.Field, any)) {
	for i := range c.e.layout.Len() {
		f := c.e.layout.Field(i)
		switch {
		case !c.Fields.Has(i):
		case f.Secret:
			do(f, hidden{})
		default:
			do(f, c.show(i, field))
		}
	}
}

func (c *Core) show(i int, field func(i int) any) any {
	if field != nil {
		if v := field(i); v != nil {
			return v
		}
	}
	return c.Fields.Value(i)
}

// hidden stands for the value of a secret field.
type hidden struct{}

func (hidden) String() string { return redacted }

// valueText is a value as Text shows it: a string, under whatever name, in quotes; anything else as fmt prints it.
func valueText(v any) string {
	_, prints := v.(fmt.Stringer)
	if s := reflect.ValueOf(v); s.Kind() == reflect.String && !prints {
		return strconv.Quote(s.String())
	}
	return oneLine(fmt.Sprintf("%+v", v))
}

func logged(v any) any {
	if s := reflect.ValueOf(v); s.Kind() == reflect.String {
		if clean := oneLine(s.String()); clean != s.String() {
			return clean
		}
	} else if _, ok := v.(hidden); ok {
		return redacted
	}
	if text := fmt.Sprintf("%+v", v); oneLine(text) != text {
		return oneLine(text)
	}
	return v
}

// loggedError is an error as a log has it: a handler's may quote what a client has sent.
func loggedError(err error) any {
	if text := err.Error(); oneLine(text) != text {
		return oneLine(text)
	}
	return err
}

// oneLine escapes what ends a line, moves a cursor or turns the direction of writing, as strconv.Quote does.
func oneLine(text string) string {
	if strings.IndexFunc(text, unsafeInLine) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if unsafeInLine(r) {
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unsafeInLine(r rune) bool {
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
