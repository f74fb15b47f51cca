package record

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// This file is about what the log forgets, and about time; model_test.go shows the rest of the ops.

func put(s *session, i int, k, v string) { Put(&s.Fields, i, k, v, (*Writer).String, (*Writer).String) }
func del(s *session, i int, k string)    { Delete(&s.Fields, i, k, (*Writer).String) }

// A loop takes a while: the clock goes on by a fifth of a ttl.
func TestALoopOfChangesKeepsAShortLog(t *testing.T) {
	const n, ttl = 10_000, time.Hour
	shaped := func(i int) []byte { return order(fmt.Sprint(i), 0, place("Rome", 0), "a", place(fmt.Sprint(i), 0)) }
	for name, c := range map[string]struct {
		field Field
		do    func(s *session, i int)
	}{
		"add":        {Field{Type: Int64}, func(s *session, _ int) { s.Add(0, 1) }},
		"set":        {Field{Type: String}, func(s *session, i int) { s.SetString(0, fmt.Sprint(i)) }},
		"clear, set": {Field{Type: Bytes}, func(s *session, _ int) { s.Remove(0); s.SetBytes(0, []byte("v")) }},
		"append":     {Field{Type: List, Check: checkTexts}, func(s *session, _ int) { appendText(s, 0, "v") }},
		"put":        {Field{Type: Map, Check: checkDict}, func(s *session, i int) { put(s, 0, "k", fmt.Sprint(i)) }},
		"put two": {Field{Type: Map, Check: checkDict}, func(s *session, i int) {
			put(s, 0, "k", fmt.Sprint(i))
			put(s, 0, "l", fmt.Sprint(i))
		}},
		"put, delete": {Field{Type: Map, Check: checkDict}, func(s *session, _ int) { put(s, 0, "k", "v"); del(s, 0, "k") }},
		"delete":      {Field{Type: Map, Check: checkDict}, func(s *session, _ int) { del(s, 0, "k") }},
	} {
		for _, c.field.TTL = range []time.Duration{0, ttl} {
			t.Run(fmt.Sprintf("%s, ttl %v", name, c.field.TTL), func(t *testing.T) { loopIsShort(t, c.field, ttl/5/n, n, c.do) })
		}
	}
	whole := Field{Type: Other, Check: (*Reader).Skip, Shape: orderShape}
	t.Run("set a struct", func(t *testing.T) {
		loopIsShort(t, whole, 0, n, func(s *session, i int) { raw(s, 0, shaped(i)) })
	})
	values := Field{Type: Map, Check: (*Reader).Skip, Shape: &Shape{Values: orderShape}}
	t.Run("put a struct", func(t *testing.T) {
		loopIsShort(t, values, 0, n, func(s *session, i int) {
			Put(&s.Fields, 0, "k", shaped(i), (*Writer).String, func(w *Writer, b []byte) { w.b = append(w.b, b...) })
		})
	})
}

// loopIsShort does something n times to a field, and wants neither a refusal nor a long log.
func loopIsShort(t *testing.T, f Field, step time.Duration, n int, do func(*session, int)) {
	f.Name, f.Key = "F", "f"
	l, err := NewLayout([]Field{f}, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, l, nil)
	for i := range n {
		do(s, i)
		s.advance(step)
	}
	changes, err := s.Begin()
	if err != nil || len(changes.ops) > 500 { // two for each thousandth of the ttl
		t.Errorf("%d ops, %v", len(changes.ops), err)
	}
}

func TestAPutAndADeleteLeaveAnEmptyMap(t *testing.T) {
	l := layout(t, Field{Name: "M", Key: "m", Type: Map, Check: checkDict})
	s := open(t, l, nil)
	put(s, 0, "k", "v")
	del(s, 0, "k")
	if got := Get(&s.Fields, 0, dict); !s.Has(0) || got == nil || len(got) != 0 {
		t.Errorf("before the save: %v", got)
	}
	s = open(t, l, s.save(t, nil))
	if got := Get(&s.Fields, 0, dict); !s.Has(0) || got == nil || len(got) != 0 {
		t.Errorf("after it: %v", got)
	}
	for _, before := range []map[string]string{nil, {}} {
		s := open(t, l, nil)
		Set(&s.Fields, 0, before, writeDict)
		del(s, 0, "k")
		if got := Get(&open(t, l, s.save(t, nil)).Fields, 0, dict); !reflect.DeepEqual(got, before) {
			t.Errorf("a delete made %#v of %#v", got, before)
		}
	}
}

func TestADeleteOfNothingLeavesTheFieldAbsent(t *testing.T) {
	l := layout(t, Field{Name: "M", Key: "m", Type: Map, Check: checkDict})
	s := open(t, l, nil)
	del(s, 0, "k")
	if s.Has(0) || !Empty(s.save(t, nil)) {
		t.Error("it is present")
	}
}

func TestMapsWithIntegerKeysKeepTheirOrder(t *testing.T) {
	write := func(w *Writer, m map[int64]string) { WriteMap(w, m, (*Writer).Int64, (*Writer).String) }
	read := func(r *Reader) map[int64]string {
		return ReadMap[map[int64]string](r, (*Reader).Int64, (*Reader).String)
	}
	l := layout(t, Field{Name: "M", Key: "m", Type: Map, Check: func(r *Reader) { read(r) }})
	numbers := []int64{0, 1, -1, 127, 128, -32, -33, -128, 1 << 15, -1 << 15, 1 << 31, -1 << 31, 1<<63 - 1, -1 << 63}
	whole, one := open(t, l, nil), open(t, l, nil)
	m := make(map[int64]string)
	for _, n := range numbers {
		m[n] = "v"
		Put(&one.Fields, 0, n, "v", (*Writer).Int64, (*Writer).String)
	}
	Set(&whole.Fields, 0, m, write)
	base := one.save(t, nil)
	if string(base) != string(whole.save(t, nil)) {
		t.Error("puts and a set are different bytes")
	}
	for _, n := range numbers {
		if v, ok := Lookup(&one.Fields, 0, n, (*Writer).Int64, (*Reader).String); v != "v" || !ok {
			t.Errorf("Lookup(%d) = %q, %v", n, v, ok)
		}
		Delete(&one.Fields, 0, n, (*Writer).Int64)
		if _, ok := Lookup(&one.Fields, 0, n, (*Writer).Int64, (*Reader).String); ok {
			t.Errorf("%d is still there", n)
		}
	}
	if got := Get(&one.Fields, 0, read); len(got) != 0 {
		t.Errorf("left: %v", got)
	}
}

func TestATTLCountsFromTheCallAndNotFromTheSave(t *testing.T) {
	l := layout(t, Field{Name: "S", Key: "s", Type: String, TTL: 10 * time.Second})
	s := open(t, l, nil)
	s.SetString(0, "otp")
	s.advance(6 * time.Second)
	base := s.save(t, nil)
	s.advance(4*time.Second - 1)
	if !s.Has(0) || s.String(0) != "otp" {
		t.Error("it has ended too early")
	}
	other := open(t, l, base)
	other.now = s.now
	if !other.Has(0) {
		t.Error("in another request it has ended too early")
	}
	s.advance(1)
	other.advance(1)
	if s.Has(0) || s.String(0) != "" || other.Has(0) || other.String(0) != "" {
		t.Error("it has not ended")
	}
	if !Empty(s.save(t, base)) {
		t.Error("what has ended is still stored")
	}
}

func TestATTLCountsFromTheFirstAddOrAppendOrPutOnAnAbsentField(t *testing.T) {
	const ttl = 10 * time.Second
	l := layout(t, Field{Name: "N", Key: "n", Type: Int64, TTL: ttl}, Field{Name: "L", Key: "l", Type: List, Check: checkTexts, TTL: ttl},
		Field{Name: "M", Key: "m", Type: Map, Check: checkDict, TTL: ttl})
	for name, save := range map[string]bool{"within a request": false, "over saves": true} {
		s := open(t, l, nil)
		var base []byte
		step := func(d time.Duration) {
			s.advance(d)
			s.Add(0, 1)
			Append(&s.Fields, 1, []string{"x"}, (*Writer).String)
			put(s, 2, "k", "v") // always the same key
			del(s, 2, "other")
			if save {
				base = s.save(t, base)
			}
		}
		check := func(what string, n int) {
			t.Helper()
			if s.Int64(0) != int64(n) || len(Get(&s.Fields, 1, texts)) != n || s.Has(2) != (n > 0) {
				t.Errorf("%s, %s: %d, %q, %v", name, what, s.Int64(0), Get(&s.Fields, 1, texts), Get(&s.Fields, 2, dict))
			}
		}
		step(0)
		step(4 * time.Second)
		step(4 * time.Second)
		s.advance(2*time.Second - 1)
		check("just before the end", 3)
		s.advance(1)
		check("at the end", 0)
		step(time.Second)
		check("begun anew", 1)
		s.advance(9 * time.Second)
		check("9 s later", 1)
		base = s.save(t, base)
		check("saved", 1)
		s.advance(time.Second)
		check("at its end", 0)
	}
}

// The request was slow: everything happened before the end, and the save comes after it.
func TestASaveAfterTheEndDoesNotMakeAHalfOfTheFieldNew(t *testing.T) {
	l := layout(t, Field{Name: "L", Key: "l", Type: List, Check: checkTexts, TTL: 10 * time.Second})
	s := open(t, l, nil)
	Append(&s.Fields, 0, []string{"a"}, (*Writer).String)
	s.advance(8 * time.Second)
	Append(&s.Fields, 0, []string{"b"}, (*Writer).String)
	s.advance(4 * time.Second)
	if s.Has(0) {
		t.Error("it has not ended")
	}
	if base := s.save(t, nil); !Empty(base) || s.Has(0) {
		t.Errorf("the save brought back %q", Get(&s.Fields, 0, texts))
	}
}

func TestADeadlineThatAnotherBinaryWroteIsHonouredAndKept(t *testing.T) {
	withTTL := layout(t, Field{Name: "N", Key: "n", Type: Int64, TTL: 10 * time.Second})
	without := layout(t, Field{Name: "N", Key: "n", Type: Int64})
	ignorant := layout(t, Field{Name: "A", Key: "a", Type: Int64})
	s := open(t, withTTL, nil)
	s.Add(0, 1)
	base := s.save(t, nil)

	x := open(t, ignorant, base)
	x.Add(0, 1)
	base = x.save(t, base)
	y := open(t, without, base)
	y.Add(0, 1)
	base = y.save(t, base)
	if s = open(t, withTTL, base); s.Int64(0) != 2 {
		t.Errorf("n is %d", s.Int64(0))
	}
	for _, l := range []*Layout{withTTL, without} {
		s := open(t, l, base)
		s.advance(10 * time.Second)
		if s.Has(0) || s.Int64(0) != 0 {
			t.Error("its end is not honoured")
		}
		s.Add(0, 5)
		if s.Int64(0) != 5 || open(t, l, s.save(t, base)).Int64(0) != 5 {
			t.Errorf("counted on from what had ended: %d", s.Int64(0))
		}
	}
}

func TestAFarDeadlineDoesNotWrap(t *testing.T) {
	l := layout(t, Field{Name: "S", Key: "s", Type: String, TTL: 1<<63 - 1})
	s := open(t, l, nil)
	s.SetString(0, "v")
	if !s.Has(0) || !open(t, l, s.save(t, nil)).Has(0) {
		t.Error("it has ended")
	}
}

func TestMaxCountsWhatIsThereAfterAReplay(t *testing.T) {
	l := layout(t, Field{Name: "S", Key: "s", Type: String, Max: 3}, Field{Name: "B", Key: "b", Type: Bytes, Max: 3},
		Field{Name: "L", Key: "l", Type: List, Check: checkTexts, Max: 3}, Field{Name: "M", Key: "m", Type: Map, Check: checkDict, Max: 3})
	for name, c := range map[string]struct {
		base []byte
		do   func(*session)
		n    string // of what there is too much; empty: none
	}{
		"string":                   {nil, func(s *session) { s.SetString(0, "äa") }, ""},
		"long string":              {nil, func(s *session) { s.SetString(0, "ää") }, "4 bytes"},
		"bytes":                    {nil, func(s *session) { s.SetBytes(1, make([]byte, 4)) }, "4 bytes"},
		"nil":                      {nil, func(s *session) { s.SetBytes(1, nil); Set(&s.Fields, 2, nil, writeTexts) }, ""},
		"list":                     {nil, func(s *session) { Set(&s.Fields, 2, make([]string, 4), writeTexts) }, "4 elements"},
		"appended to what is full": {pack("l", []byte{0x93, 0xa0, 0xa0, 0xa0}), func(s *session) { Append(&s.Fields, 2, []string{""}, (*Writer).String) }, "4 elements"},
		"put beside what is full":  {pack("m", []byte{0x83, 0xa1, 'a', 0xa0, 0xa1, 'b', 0xa0, 0xa1, 'c', 0xa0}), func(s *session) { put(s, 3, "d", "") }, "4 elements"},
		"put in place of one":      {pack("m", []byte{0x83, 0xa1, 'a', 0xa0, 0xa1, 'b', 0xa0, 0xa1, 'c', 0xa0}), func(s *session) { put(s, 3, "c", "v") }, ""},
		"put and deleted":          {pack("m", []byte{0x83, 0xa1, 'a', 0xa0, 0xa1, 'b', 0xa0, 0xa1, 'c', 0xa0}), func(s *session) { put(s, 3, "d", ""); del(s, 3, "a") }, ""},
		"too much in the store, untouched": {pack("l", []byte{0x94, 0xa0, 0xa0, 0xa0, 0xa0}),
			func(s *session) { s.SetString(0, "a") }, ""},
		"too much in the store, cleared": {pack("l", []byte{0x94, 0xa0, 0xa0, 0xa0, 0xa0}), func(s *session) { s.Remove(2) }, ""},
	} {
		s := open(t, l, nil) // loaded before the base was there
		c.do(s)
		changes, err := s.Begin()
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Replay(nil, c.base, changes)
		e, ok := errors.AsType[*Error](err)
		if ok != (c.n != "") || ok && !strings.Contains(e.Error(), c.n) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type unmarshallable struct{}

var errValue = errors.New("cannot marshal VALUE")

func (unmarshallable) MarshalText() ([]byte, error)   { return nil, errValue }
func (unmarshallable) MarshalBinary() ([]byte, error) { return nil, errValue }
func (unmarshallable) MarshalJSON() ([]byte, error)   { return nil, errValue }

func TestAFailedMarshallerKeepsTheFieldAndEndsInAnErrorWithoutTheValue(t *testing.T) {
	l := layout(t, Field{Name: "F", Key: "f", Type: Other, Check: (*Reader).Skip}, Field{Name: "N", Key: "n", Type: Int64})
	for name, write := range map[string]func(*Writer, unmarshallable){
		"text":   func(w *Writer, v unmarshallable) { WriteText(w, v) },
		"binary": func(w *Writer, v unmarshallable) { WriteBinary(w, v) },
		"json":   func(w *Writer, v unmarshallable) { WriteJSON(w, v) },
		"deep":   func(w *Writer, v unmarshallable) { w.Array(2); WriteText(w, v); w.String("x") },
	} {
		base := pack("f", str("old"))
		s := open(t, l, base)
		s.Add(1, 1)
		Set(&s.Fields, 0, unmarshallable{}, write)
		if got := Get(&s.Fields, 0, (*Reader).String); got != "old" {
			t.Errorf("%s: the field is %q", name, got)
		}
		_, err := s.Begin()
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Field.Name != "F" || !errors.Is(err, errValue) || strings.Contains(err.Error(), "VALUE") {
			t.Errorf("%s: Begin = %v", name, err)
		}
		if !s.Changed() {
			t.Errorf("%s: nothing is pending", name)
		}
		s.Remove(0)
		if next := s.save(t, base); string(next) != string(pack("n", num(1))) {
			t.Errorf("%s: saved % x", name, next)
		}
	}
}

func TestTakeIsOnceAndLeavesTheRest(t *testing.T) {
	l := layout(t, Field{Name: "F", Key: "f", Type: String, Flash: true, TTL: time.Minute}, Field{Name: "N", Key: "n", Type: Int64})
	base := pack("f", str("hi"), "n", num(1), "u", num(2))
	s := open(t, l, base)
	value, rest, err := s.TakeFrom([]byte("head"), base, 0, Changes{})
	if err != nil || string(value) != string(str("hi")) || string(rest) != "head"+string(pack("n", num(1), "u", num(2))) {
		t.Errorf("% x, % x, %v", value, rest, err)
	}
	if value, rest, err := s.TakeFrom(nil, rest[4:], 0, Changes{}); value != nil || rest != nil || err != nil {
		t.Errorf("again: % x, % x, %v", value, rest, err)
	}
	if _, _, err := s.TakeFrom(nil, []byte{0xc1}, 0, Changes{}); err == nil {
		t.Error("taken from what is no record")
	}
	s.SetString(0, "new")
	s.advance(time.Minute)
	if v, pending := s.TakePending(0); v != nil || !pending {
		t.Errorf("a pending one that has ended: % x, %v", v, pending)
	}
}

func TestSizesNameEveryKey(t *testing.T) {
	base := pack("a", str("xyz"), "bb", num(1000))
	if got := Sizes(base); !reflect.DeepEqual(got, map[string]int{"a": 6, "bb": 6}) {
		t.Errorf("%v", got)
	}
	if !Empty(pack()) || Empty(base) {
		t.Error("Empty is wrong")
	}
}

func TestChangesKnowWhetherTheyRenewAndWhetherTheyCanBeRepeated(t *testing.T) {
	l := layout(t, Field{Name: "R", Key: "r", Type: Int64, Renew: true}, Field{Name: "N", Key: "n", Type: Int64},
		Field{Name: "L", Key: "l", Type: List, Check: checkTexts}, Field{Name: "M", Key: "m", Type: Map, Check: checkDict})
	for _, c := range []struct {
		do                 func(*session)
		renews, repeatable bool
	}{
		{func(s *session) { s.SetInt64(0, 1) }, true, true},
		{func(s *session) { s.Remove(0) }, true, true},
		{func(s *session) { s.SetInt64(1, 1) }, false, true},
		{func(s *session) { put(s, 3, "k", "v"); del(s, 3, "x") }, false, true},
		{func(s *session) { s.Add(1, 1) }, false, false},
		{func(s *session) { Append(&s.Fields, 2, []string{"x"}, (*Writer).String) }, false, false},
		{func(s *session) { s.Add(1, 1); s.SetInt64(1, 5) }, false, true},
	} {
		s := open(t, l, nil)
		c.do(s)
		changes, err := s.Begin()
		if err != nil {
			t.Fatal(err)
		}
		if changes.Renews(l) != c.renews || changes.Repeatable() != c.repeatable {
			t.Errorf("%+v: renews %v, repeatable %v", changes, changes.Renews(l), changes.Repeatable())
		}
	}
	s := open(t, l, nil)
	if s.Privileged() {
		t.Error("an empty session is privileged")
	}
	s.SetInt64(0, 1)
	if !s.Privileged() {
		t.Error("one that is set is not")
	}
	s.Remove(0)
	if s.Privileged() {
		t.Error("a cleared one is none")
	}
	if slices.Contains(keys(t, s.save(t, nil)), "r") {
		t.Error("it is stored")
	}
}
