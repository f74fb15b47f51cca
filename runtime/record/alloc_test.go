//go:build !race

// The race detector allocates, and makes pools forget: these tests are for a build without it.

package record

import (
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
