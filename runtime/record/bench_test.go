package record

import (
	"testing"
	"time"
)

// nine is a layout like that of a shop's session, and a record of it.
func nine(t testing.TB) (*Layout, []byte) {
	l := layout(t,
		Field{Name: "Name", Key: "name", Type: String}, Field{Name: "UserID", Key: "user_id", Type: Int64},
		Field{Name: "Roles", Key: "roles", Type: List, Check: checkTexts}, Field{Name: "LastSeen", Key: "last_seen", Type: Time},
		Field{Name: "Prefs", Key: "prefs", Type: Map, Check: checkDict}, Field{Name: "CSRF", Key: "csrf", Type: Bytes},
		Field{Name: "Visits", Key: "visits", Type: Int64, Counter: true}, Field{Name: "Notice", Key: "notice", Type: String, Flash: true},
		Field{Name: "Lang", Key: "lang", Type: String})
	s := open(t, l, nil)
	s.SetString(0, "Ada Lovelace")
	s.SetInt64(1, 1_234_567)
	Set(&s.Fields, 2, []string{"customer", "editor"}, writeTexts)
	s.SetTime(3, time.Unix(1_900_000_000, 123_456_789))
	Set(&s.Fields, 4, map[string]string{"theme": "dark", "currency": "EUR", "units": "metric"}, writeDict)
	s.SetBytes(5, make([]byte, 16))
	s.SetInt64(6, 42)
	s.SetString(7, "Welcome back")
	s.SetString(8, "en")
	return l, s.save(t, nil)
}

func BenchmarkScan(b *testing.B) {
	l, base := nine(b)
	s := open(b, l, base)
	for b.Loop() {
		if err := s.Open(base); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	l, base := nine(b)
	s := open(b, l, base)
	for name, get := range map[string]func(){
		"string": func() { s.String(0) },
		"int64":  func() { s.Int64(1) },
		"time":   func() { s.Time(3) },
		"bytes":  func() { s.Bytes(5) },
		"Has":    func() { s.Has(0) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				get()
			}
		})
	}
}

// BenchmarkSave is what a Save does to the fields of a session that was just loaded: one change, without the store.
func BenchmarkSave(b *testing.B) {
	l, base := nine(b)
	s := open(b, l, base)
	for b.Loop() {
		s.Add(6, 1)
		s.save(b, s.Base())
	}
}

func BenchmarkSet(b *testing.B) {
	l, base := nine(b)
	s := open(b, l, base)
	roles := []string{"customer", "editor"}
	for name, set := range map[string]func(){
		"string": func() { s.SetString(0, "Ada Lovelace") },
		"int64":  func() { s.SetInt64(1, 1_234_567) },
		"list":   func() { Set(&s.Fields, 2, roles, writeTexts) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				set()
			}
		})
	}
}
