package record

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strconv"
)

// ReadJSON reads a value that encoding/json understands. v is a pointer. A panic of a type's own UnmarshalJSON is as
// good as an error.
//
// A number in an any comes back as what it looks like, so that no integer loses digits: without fraction and exponent
// as an int64, above that as a uint64; any other as a float64. A float64 without a fraction therefore comes back as an
// int64: JSON does not tell the two apart. Everything else is as encoding/json has it: it stores no unexported fields,
// and nothing of a field that is tagged "-", and a number that no float64 holds, 1e400, is an error.
func ReadJSON(r *Reader, v any) {
	defer r.recovered()
	b := r.raw()
	if r.err != nil {
		return
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		r.Fail(err)
		return
	}
	if _, err := d.Token(); err != io.EOF {
		r.Fail(errTrailing)
		return
	}
	if p := reflect.ValueOf(v); holdsAny(p.Type().Elem(), nil) {
		if err := settleNumbers(p.Elem()); err != nil {
			r.Fail(err)
		}
	}
}

var (
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// holdsAny reports whether encoding/json may put a value of its own choice somewhere into a type. What reads itself
// puts there what it likes. Of a type that contains itself only the rest counts.
func holdsAny(t reflect.Type, within []reflect.Type) bool {
	for _, outer := range within {
		if t == outer {
			return false
		}
	}
	if p := reflect.PointerTo(t); p.Implements(jsonUnmarshaler) || p.Implements(textUnmarshaler) {
		return false
	}
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return holdsAny(t.Elem(), append(within, t))
	case reflect.Struct:
		for f := range t.Fields() {
			if holdsAny(f.Type, append(within, t)) {
				return true
			}
		}
	}
	return false
}

// settleNumbers puts numbers in the place of each json.Number that stands in an interface. v is addressable.
func settleNumbers(v reflect.Value) error {
	if p := v.Addr().Type(); p.Implements(jsonUnmarshaler) || p.Implements(textUnmarshaler) {
		return nil
	}
	switch v.Kind() {
	case reflect.Interface:
		if v.CanSet() && !v.IsNil() && v.NumMethod() == 0 {
			settled, err := settle(v.Interface())
			if err != nil {
				return err
			}
			v.Set(reflect.ValueOf(settled))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return settleNumbers(v.Elem())
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := settleNumbers(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			elem := reflect.New(v.Type().Elem()).Elem()
			elem.Set(v.MapIndex(k))
			if err := settleNumbers(elem); err != nil {
				return err
			}
			v.SetMapIndex(k, elem)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() || f.Anonymous && f.Type.Kind() == reflect.Struct {
				if err := settleNumbers(v.Field(i)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// settle does it for what encoding/json has put into an interface, and returns what is to be there.
func settle(v any) (any, error) {
	var err error
	switch v := v.(type) {
	case json.Number:
		return number(v)
	case []any:
		for i := range v {
			if v[i], err = settle(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for k := range v {
			if v[k], err = settle(v[k]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

var errNumber = errors.New("record: number out of the range of float64")

func number(n json.Number) (any, error) {
	if i, err := strconv.ParseInt(string(n), 10, 64); err == nil && n != "-0" {
		return i, nil
	}
	if u, err := strconv.ParseUint(string(n), 10, 64); err == nil && n != "-0" {
		return u, nil
	}
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil {
		return nil, errNumber // not err, which quotes the number
	}
	return f, nil
}
