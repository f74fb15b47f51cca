package exercise

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"
)

// random returns a value of a type without zeros, nils and empty containers at places that are stored.
func random(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	fill(v, 0)
	return v
}

const maxDepth = 8 // of a type that contains itself, which the json option allows

func fill(v reflect.Value, depth int) {
	if depth > maxDepth || fillMarshaler(v) {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(rand.Int64()>>(64-v.Type().Bits()) | 1)
		if coin() {
			v.SetInt(-v.Int())
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(rand.Uint64()>>(64-v.Type().Bits()) | 1)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(rand.IntN(1000)) + 0.5)
	case reflect.String:
		v.SetString(fmt.Sprintf("ä%x\x00\r\n\u0085\u2028\x1b", rand.Uint64()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+rand.IntN(3), 3))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), depth+1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 1 + rand.IntN(3) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(key, depth+1)
			fill(value, depth+1)
			v.SetMapIndex(key, value)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Struct:
		fillStruct(v, depth)
	case reflect.Interface:
		v.Set(reflect.ValueOf([]any{"x", 1.5, map[string]any{"k": nil}}))
	default:
		panic("no value of " + v.Type().String())
	}
}

func fillStruct(v reflect.Value, depth int) {
	if v.Type().ConvertibleTo(reflect.TypeFor[time.Time]()) {
		v.Set(reflect.ValueOf(time.Unix(rand.Int64N(1<<32), rand.Int64N(1e9)).UTC()).Convert(v.Type()))
		return
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		promotes := f.Anonymous && f.Type.Kind() == reflect.Struct
		if f.Tag.Get("session") != "-" && (f.IsExported() || promotes) {
			fill(v.Field(i), depth+1)
		}
	}
}

// fillMarshaler fills a value that reads itself, from one of some texts that it understands.
func fillMarshaler(v reflect.Value) bool {
	if !v.CanAddr() || !v.Addr().CanInterface() || v.Type().ConvertibleTo(reflect.TypeFor[time.Time]()) {
		return false
	}
	var read func([]byte) error
	switch u := v.Addr().Interface().(type) {
	case encoding.BinaryUnmarshaler:
		read = u.UnmarshalBinary
	case encoding.TextUnmarshaler:
		read = u.UnmarshalText
	case json.Unmarshaler:
		read = u.UnmarshalJSON
	default:
		return false
	}
	texts := []string{
		"https://example.com/a?b=c", "10.0.0.0/8", "10.1.2.3", "10.1.2.4", "green", "red", "\x0a\x01\x02\x03", "xy", "yz", "42",
		"sixteen-bytes--1", "sixteen-bytes--2",
	}
	for _, i := range rand.Perm(len(texts)) {
		if read([]byte(texts[i])) == nil {
			return true
		}
	}
	panic("no text for " + v.Type().String())
}

// scramble changes what a value shares with others.
func scramble(v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			v.Index(i).SetZero()
		}
	case reflect.Map:
		v.Clear()
	case reflect.Pointer:
		v.Elem().SetZero()
	}
}

func hasOption(tag, option string) bool { return slices.Contains(strings.Split(tag, ","), option) }
