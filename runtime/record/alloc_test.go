//go:build !race

// The race detector allocates, and makes pools forget: these tests are for a build without it.

package record

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
	"time"
)

func nineFields(t testing.TB) (*Layout, []byte) {
	l := layout(t, Field{Name: "Bool", Key: "bool", Type: Bool}, Field{Name: "Int", Key: "int", Type: Int8},
		Field{Name: "Uint", Key: "uint", Type: Uint64}, Field{Name: "F32", Key: "f32", Type: Float32}, Field{Name: "F64", Key: "f64", Type: Float64},
		Field{Name: "Str", Key: "str", Type: String, TTL: time.Hour}, Field{Name: "Time", Key: "time", Type: Time},
		Field{Name: "Dur", Key: "dur", Type: Duration}, Field{Name: "N", Key: "n", Type: Int64, Was: []string{"m"}})
	s := open(t, l, nil)
	set(s)
	return l, s.save(t, nil)
}

func set(s *session) {
	s.SetBool(0, true)
	s.SetInt8(1, -100)
	s.SetUint64(2, 1<<60)
	s.SetFloat32(3, 1.5)
	s.SetFloat64(4, 2.5)
	s.SetString(5, "a string")
	s.SetTime(6, start)
	s.SetDuration(7, time.Hour)
	s.SetInt64(8, 1<<40)
}

func TestOpeningReadingAndSettingDoNotAllocate(t *testing.T) {
	l, base := nineFields(t)
	s := open(t, l, base)
	var sum string
	for name, f := range map[string]func(){
		"Open": func() { _ = s.Open(base) },
		"getters": func() {
			_, _, _, _, _ = s.Bool(0), s.Int8(1), s.Uint64(2), s.Float32(3), s.Float64(4)
			_, _, _ = s.Time(6), s.Duration(7), s.Int64(8)
			sum = s.String(5)
		},
		"Has": func() {
			for i := range l.Len() {
				if !s.Has(i) {
					t.Fatal(i)
				}
			}
		},
	} {
		if n := testing.AllocsPerRun(200, f); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	if sum != "a string" {
		t.Error(sum)
	}
	if n := testing.AllocsPerRun(200, func() { set(s) }); n > 0 {
		t.Errorf("setters in the steady state: %v allocations", n)
	}
	if n := testing.AllocsPerRun(200, func() { s.Add(8, 1) }); n > 0 {
		t.Errorf("Add: %v allocations", n)
	}
}

func TestASaveAllocatesTheNewRecordAndLittleElse(t *testing.T) {
	l, base := nineFields(t)
	s := open(t, l, base)
	if n := testing.AllocsPerRun(200, func() {
		_ = s.Open(base)
		s.Add(8, 1)
		changes, _ := s.Begin()
		next, err := s.Replay(nil, base, changes)
		if err != nil {
			t.Fatal(err)
		}
		s.Commit(next)
	}); n > 2 { // the record, and the log
		t.Errorf("%v allocations", n)
	}
}

// What n operations allocate grows as n does, with looks at the field and at others in between, and so does a replay of
// them on what another request has saved. Ten times as many are allowed twenty times as much.
func TestManyOperationsAllocateInProportionToTheirNumber(t *testing.T) {
	l := layout(t, Field{Name: "L", Key: "l", Type: List, Check: checkTexts, Max: 1 << 20}, Field{Name: "M", Key: "m", Type: Map, Check: checkDict, Max: 1 << 20},
		Field{Name: "N", Key: "n", Type: Int64}, Field{Name: "T", Key: "t", Type: Map, Check: checkDict, TTL: time.Hour})
	full := func(n int) []byte {
		s := open(t, l, nil)
		whole := make(map[string]string)
		for _, k := range entryKeys(n) {
			whole[k] = "value"
		}
		Set(&s.Fields, 1, whole, writeDict)
		return s.save(t, nil)
	}
	for name, do := range map[string]func(s *session, k string){
		"put":         func(s *session, k string) { put(s, 1, k, "value") },
		"put, ttl":    func(s *session, k string) { put(s, 3, k, "value") },
		"delete":      func(s *session, k string) { del(s, 1, k) },
		"append":      func(s *session, k string) { Append(&s.Fields, 0, []string{k}, (*Writer).String) },
		"put and cut": func(s *session, k string) { put(s, 1, k, "value"); del(s, 1, k) },
		"over fields": func(s *session, k string) {
			put(s, 1, k, "value")
			Append(&s.Fields, 0, []string{k}, (*Writer).String)
			s.Add(2, 1)
			s.SetInt64(2, 1)
		},
		"with looks": func(s *session, k string) {
			if _, ok := Lookup(&s.Fields, 1, k, (*Writer).String, (*Reader).String); !ok {
				put(s, 1, k, "value")
			}
			Append(&s.Fields, 0, []string{k}, (*Writer).String)
			s.Add(2, 1)
			if !s.Has(0) {
				t.Fatal("nothing was appended")
			}
			s.Has(1)
		},
	} {
		measure := func(n int, conflict bool) uint64 {
			keys, base := entryKeys(n), full(n)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			s := open(t, l, base)
			for _, k := range keys {
				do(s, k)
			}
			if conflict {
				s.save(t, bytes.Clone(base))
			} else {
				s.save(t, base)
			}
			runtime.ReadMemStats(&after)
			return after.TotalAlloc - before.TotalAlloc
		}
		for _, conflict := range []bool{false, true} {
			if few, many := measure(300, conflict), measure(3000, conflict); many > 20*few {
				t.Errorf("%s, conflict %v: %d bytes for 300 and %d for 3000", name, conflict, few, many)
			}
		}
	}
}

// Whether what is pending fits into a record is looked at by encoding it: not for each operation, where a field that is
// set makes an older operation pointless each time.
func TestALargeRecordIsNotEncodedForEachOperation(t *testing.T) {
	const limit = 100_000
	s := open(t, limited(t, limit), nil)
	s.SetString(3, strings.Repeat("x", limit*9/10))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for n := range 1000 {
		put(s, 5, "k", strings.Repeat("v", 200))
		s.SetInt64(2, int64(n))
	}
	runtime.ReadMemStats(&after)
	if _, err := s.Begin(); err != nil {
		t.Error(err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 40*limit {
		t.Errorf("%d bytes were allocated", n)
	}
}
