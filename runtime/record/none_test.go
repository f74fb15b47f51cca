package record

import (
	"fmt"
	"math"
	"testing"
	"time"
)

func TestTheZeroValueOfAFieldThatRenewsIsNone(t *testing.T) {
	struct1 := func(w *Writer) { w.Map(1); w.Key("name"); w.String("") }
	type sets = []func(f *Fields)
	for name, c := range map[string]struct {
		field Field
		some  func(f *Fields)
		none  sets
	}{
		"bool":     {Field{Type: Bool}, func(f *Fields) { f.SetBool(0, true) }, sets{func(f *Fields) { f.SetBool(0, false) }}},
		"int8":     {Field{Type: Int8}, func(f *Fields) { f.SetInt8(0, -1) }, sets{func(f *Fields) { f.SetInt8(0, 0) }}},
		"uint64":   {Field{Type: Uint64}, func(f *Fields) { f.SetUint64(0, 1) }, sets{func(f *Fields) { f.SetUint64(0, 0) }}},
		"duration": {Field{Type: Duration}, func(f *Fields) { f.SetDuration(0, 1) }, sets{func(f *Fields) { f.SetDuration(0, 0) }}},
		"float32": {Field{Type: Float32}, func(f *Fields) { f.SetFloat32(0, 1) },
			sets{func(f *Fields) { f.SetFloat32(0, 0) }, func(f *Fields) { f.SetFloat32(0, float32(math.Copysign(0, -1))) }}},
		"float64": {Field{Type: Float64}, func(f *Fields) { f.SetFloat64(0, math.NaN()) },
			sets{func(f *Fields) { f.SetFloat64(0, 0) }, func(f *Fields) { f.SetFloat64(0, math.Copysign(0, -1)) }}},
		"string": {Field{Type: String}, func(f *Fields) { f.SetString(0, "\x00") }, sets{func(f *Fields) { f.SetString(0, "") }}},
		"bytes": {Field{Type: Bytes}, func(f *Fields) { f.SetBytes(0, []byte{0}) },
			sets{func(f *Fields) { f.SetBytes(0, nil) }, func(f *Fields) { f.SetBytes(0, []byte{}) }}},
		"time": {Field{Type: Time}, func(f *Fields) { f.SetTime(0, time.Unix(0, 0)) },
			sets{func(f *Fields) { f.SetTime(0, time.Time{}) }, func(f *Fields) { f.SetTime(0, time.Time{}.In(time.FixedZone("here", 3600))) }}},
		"list": {Field{Type: List, Check: checkTexts}, func(f *Fields) { Set(f, 0, []string{""}, writeTexts) },
			sets{func(f *Fields) { Set(f, 0, nil, writeTexts) }, func(f *Fields) { Set(f, 0, []string{}, writeTexts) }}},
		"map": {Field{Type: Map, Check: checkDict}, func(f *Fields) { Set(f, 0, map[string]string{"": ""}, writeDict) },
			sets{func(f *Fields) { Set(f, 0, nil, writeDict) }, func(f *Fields) { Set(f, 0, map[string]string{}, writeDict) },
				func(f *Fields) { Delete(f, 0, "", (*Writer).String) }}},
		"struct": {Field{Type: Other, Check: (*Reader).Skip, Zero: struct1, Shape: &Shape{}},
			func(f *Fields) {
				Set(f, 0, "Ann", func(w *Writer, name string) { w.Map(1); w.Key("name"); w.String(name) })
			},
			sets{func(f *Fields) { Set(f, 0, "", func(w *Writer, _ string) { struct1(w) }) }}},
		"pointer": {Field{Type: Other, Check: (*Reader).Skip, Zero: (*Writer).Nil},
			func(f *Fields) { Set(f, 0, 1, (*Writer).Int) }, sets{func(f *Fields) { Set(f, 0, 0, func(w *Writer, _ int) { w.Nil() }) }}},
	} {
		for way, none := range c.none {
			t.Run(fmt.Sprintf("%s/%d", name, way), func(t *testing.T) {
				plain, renews := c.field, c.field
				plain.Name, plain.Key = "F", "f"
				renews.Name, renews.Key, renews.Renew = "F", "f", true
				s := open(t, layout(t, renews), nil)
				c.some(&s.Fields)
				if !s.Has(0) || !s.Privileged() {
					t.Error("a value is none")
				}
				stored := s.save(t, nil)
				none(&s.Fields)
				if s.Has(0) || s.Privileged() || !s.Pending(0) {
					t.Error("the zero value is a value, or no change")
				}
				if next := s.save(t, stored); s.Has(0) || string(next) != string(pack()) {
					t.Errorf("saved % x", next)
				}
				c.some(&s.Fields)
				if !s.Has(0) {
					t.Error("it cannot be set again")
				}

				old := open(t, layout(t, plain), nil) // a binary for which it did not renew
				c.some(&old.Fields)
				none(&old.Fields)
				if !old.Has(0) {
					t.Fatal("a field that does not renew has lost its zero value")
				}
				stored = old.save(t, nil)
				s = open(t, layout(t, renews), stored)
				if s.Has(0) || s.Privileged() || len(s.misfits) > 0 {
					t.Error("a stored zero value is a value")
				}
				if next := s.save(t, stored); string(next) != string(stored) {
					t.Errorf("not changed, and saved % x", next)
				}
				c.some(&s.Fields)
				if !s.Has(0) || !open(t, layout(t, renews), s.save(t, stored)).Privileged() {
					t.Error("it cannot be set")
				}
			})
		}
	}
}

func TestAMarshallerThatCannotWriteTheZeroValueHasNone(t *testing.T) {
	for name, zero := range map[string]func(*Writer){
		"error": func(w *Writer) { WriteText(w, unmarshallable{}) },
		"panic": func(w *Writer) { WriteText(w, textBomb{"marshal"}) },
	} {
		s := open(t, layout(t, Field{Name: "F", Key: "f", Type: Other, Check: (*Reader).Skip, Renew: true, Zero: zero}), nil)
		raw(s, 0, []byte{0xc0})
		if !s.Has(0) {
			t.Errorf("%s: what is no zero value was taken for one", name)
		}
	}
}

func TestAMapThatRenewsIsNoneWhenItsLastKeyGoes(t *testing.T) {
	l := layout(t, Field{Name: "M", Key: "m", Type: Map, Check: checkDict, Renew: true})
	base := pack("m", pack("a", str("1"), "b", str("2")))
	s := open(t, l, base)
	del(s, 0, "a")
	if !s.Has(0) {
		t.Error("one key is left")
	}
	del(s, 0, "b")
	if s.Has(0) || s.Privileged() {
		t.Error("an empty one is a value")
	}
	changes, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	next, err := s.Replay(nil, pack("m", pack("a", str("1"), "b", str("2"), "c", str("3"))), changes)
	if err != nil || string(next) != string(pack("m", pack("c", str("3")))) {
		t.Errorf("beside what another request put: % x, %v", next, err)
	}
}
