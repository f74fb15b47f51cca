package record

import (
	"math"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/tinylib/msgp/msgp"
)

// everything is a layout with a field of each sort, over few keys, so that arbitrary bytes hit them.
func everything(t testing.TB) *Layout {
	skip := (*Reader).Skip
	return layout(t,
		Field{Name: "A", Key: "a", Type: Int64}, Field{Name: "B", Key: "b", Was: []string{"c", "d"}, Type: String},
		Field{Name: "E", Key: "e", Type: List, Check: checkTexts}, Field{Name: "F", Key: "f", Type: Map, Check: checkDict},
		Field{Name: "G", Key: "g", Type: Other, Check: skip, Shape: orderShape},
		Field{Name: "H", Key: "h", Type: Map, Check: skip, Shape: &Shape{Values: orderShape}},
		Field{Name: "I", Key: "i", Type: Bytes, TTL: time.Second}, Field{Name: "J", Key: "j", Type: Time},
		Field{Name: "K", Key: "k", Type: Uint8}, Field{Name: "L", Key: "l", Type: Float32}, Field{Name: "M", Key: "m", Type: Bool})
}

func hostile() [][]byte {
	return [][]byte{
		nil, {0x80}, {0x81, 0xa1, 'a', 5}, {0xc0}, {0xdf, 0xff, 0xff, 0xff, 0xff}, {0xde, 0xff, 0xff},
		{0x81, 0xa1, 'e', 0xdd, 0xff, 0xff, 0xff, 0xff}, {0x81, 0xa1, 'f', 0xdf, 0x7f, 0xff, 0xff, 0xff},
		{0x81, 0xa1, 'i', 0xc6, 0xff, 0xff, 0xff, 0xff}, {0x81, 0xdb, 0xff, 0xff, 0xff, 0xff},
		{0x81, 0xa1, 'a', 0xc9, 0xff, 0xff, 0xff, 0xff, 'S'},
		pack("a", num(-1), "b", str("x"), "c", content{value: str("y"), copy: true}.append(nil), "u", num(1)),
		pack("h", content{value: pack(), deadline: math.MinInt64 + 1}.append(nil)),
		pack("b", content{value: str("x"), older: 2}.append(nil), "d", content{value: str("x"), copy: true, deadline: 5}.append(nil)),
		pack("e", []byte{0x92, 0xa1, 'x', 0xa1, 'y'}, "f", []byte{0x81, 0xa1, 'x', 0xa1, 'y'}),
		pack("g", order("n", 1, place("Rome", 2), "x", place("Oslo", 3)), "h", pack("k", order("n", 1, place("Rome", 2)))),
	}
}

// Any bytes end in an error or in fields; fields that nobody changes are saved as they were, and every op on what was
// found leaves a record that can be opened.
func FuzzOpen(f *testing.F) {
	l := everything(f)
	for _, b := range hostile() {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, base []byte) {
		s := &session{now: time.Unix(0, math.MinInt64)} // before any deadline
		s.Work = s.Fields.Work()
		s.Init(l, make([]Slot, l.Len()), s)
		if base == nil {
			base = []byte{}
		}
		if err := s.Open(base); err != nil {
			if !Empty(s.save(t, nil)) {
				t.Error("after an error the fields are not empty")
			}
			return
		}
		for i := range s.slots {
			if s.slots[i].expired(math.MinInt64) {
				return // there is one time that nothing is before
			}
		}
		same, err := s.Replay(nil, base, Changes{})
		if err != nil {
			t.Fatal(err)
		}
		if !equalPairs(base, same) {
			t.Errorf("saved without changes:\n% x\n% x", base, same)
		}
		for i := range l.Len() {
			if has := s.Has(i); has != s.Has(i) {
				t.Errorf("Has(%d) is undecided", i)
			}
		}
		_, _, _, _ = s.Int64(0), s.String(1), s.Bytes(6), s.Time(7)
		_, _, _ = s.Uint8(8), s.Float32(9), s.Bool(10)
		_, _ = Get(&s.Fields, 2, texts), Get(&s.Fields, 3, dict)
		Lookup(&s.Fields, 3, "x", (*Writer).String, (*Reader).String)

		s.Add(0, 1)
		s.SetString(1, "new")
		Append(&s.Fields, 2, []string{"new"}, (*Writer).String)
		put(s, 3, "new", "v")
		del(s, 3, "x")
		raw(s, 4, order("new", 0, place("Rome", 0)))
		Put(&s.Fields, 5, "k", order("new", 0, place("Rome", 0)), (*Writer).String, func(w *Writer, b []byte) { w.b = append(w.b, b...) })
		s.Remove(6)
		changed := s.save(t, base)
		got := open(t, l, changed)
		got.now = s.now
		if got.String(1) != "new" || !got.Has(0) || !got.Has(2) || !got.Has(3) || !got.Has(4) || !got.Has(5) || got.Has(6) {
			t.Errorf("% x became % x", base, changed)
		}
		for i := range 6 {
			s.Remove(i)
		}
		left := s.save(t, changed)
		for _, k := range keys(t, left) {
			if k < "i" && k >= "a" && len(k) == 1 {
				t.Errorf("cleared fields left %q", k)
			}
		}
	})
}

// equalPairs compares records but for the header, which a stranger may have written longer than it needs to be.
func equalPairs(a, b []byte) bool {
	ra, rb := NewReader(a), NewReader(b)
	return ra.Struct() == rb.Struct() && string(ra.b) == string(rb.b)
}

// A value ends where msgp says that it does, and what is none for msgp is none here.
func FuzzSkip(f *testing.F) {
	for _, b := range hostile() {
		f.Add(b)
	}
	for lead := range 256 {
		f.Add(append([]byte{byte(lead), 0, 0, 0, 1}, make([]byte, 40)...))
		f.Add([]byte{byte(lead), 1, 1})
		f.Add([]byte{byte(lead)})
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		rest, err := msgp.Skip(b)
		n, ours := skip(b)
		if (err == nil) != (ours == nil) || err == nil && n != len(b)-len(rest) {
			t.Errorf("% x: %d, %v; msgp says %d, %v", b, n, ours, len(b)-len(rest), err)
		}
	})
}

func FuzzEnvelope(f *testing.F) {
	for _, b := range hostile() {
		f.Add(b)
	}
	f.Add(content{value: num(1), deadline: 1, older: 3}.append(nil))
	f.Add([]byte{0xc7, 3, 'S', 2, 1, 5})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewReader(b)
		one := r.Value()
		if r.Err() != nil {
			return
		}
		c, err := openEnvelope(one)
		if err != nil {
			return
		}
		again, err := openEnvelope(c.append(nil))
		if c.bare() && c.deadline == 0 {
			return // written without an envelope
		}
		if err != nil || !reflect.DeepEqual(again, c) {
			t.Errorf("% x: %+v became %+v, %v", one, c, again, err)
		}
	})
}

// Generated code counts on these numbers: a loop over the members of a struct ends.
func TestNoHeaderAnnouncesMoreThanThereAreBytes(t *testing.T) {
	for _, b := range [][]byte{{0xdd, 0, 0, 0, 2, 0xc0}, {0x92, 0xc0}, {0xdc, 0xff, 0xff}, {0xdd, 0xff, 0xff, 0xff, 0xff, 0}} {
		r := NewReader(b)
		if n, ok := r.Array(); n != 0 || ok || r.Err() == nil {
			t.Errorf("% x: a list of %d", b, n)
		}
	}
	for _, b := range [][]byte{{0x82, 0xc0, 0xc0, 0xc0}, {0x81}, {0xde, 0xff, 0xff, 0}, {0xdf, 0x80, 0, 0, 1, 0xc0, 0xc0}, {0xdf, 0xff, 0xff, 0xff, 0xff}} {
		r := NewReader(b)
		if n, ok := r.Map(); n != 0 || ok || r.Err() == nil {
			t.Errorf("% x: a map of %d", b, n)
		}
		r = NewReader(b)
		if n := r.Struct(); n != 0 || r.Err() == nil {
			t.Errorf("% x: a struct of %d", b, n)
		}
	}
}

// What a header announces is not believed: a megabyte is far more than any of these needs.
func TestNoHeaderMakesAnythingAllocateWhatItAnnounces(t *testing.T) {
	type giant [1 << 10]byte
	l := everything(t)
	announce := [][]byte{{0xdd, 0xff, 0xff, 0xff, 0xff}, {0xdf, 0x7f, 0xff, 0xff, 0xff}, {0xdb, 0xff, 0xff, 0xff, 0xff},
		{0xc6, 0xff, 0xff, 0xff, 0xff}, {0xc9, 0xff, 0xff, 0xff, 0xff, 'S'}, append([]byte{0xdd, 0, 0, 0xff, 0}, make([]byte, 0xff00)...)}
	reads := map[string]func(*Reader){
		"slice":         func(r *Reader) { ReadSlice[[]string](r, (*Reader).String) },
		"slice of much": func(r *Reader) { ReadSlice[[]giant](r, func(r *Reader) (g giant) { r.Fixed(1 << 10); return }) },
		"map":           dictReader,
		"map of much": func(r *Reader) {
			ReadMap[map[string]*giant](r, (*Reader).String, func(r *Reader) *giant { r.Fixed(1 << 10); return nil })
		},
		"string": func(r *Reader) { _ = r.String() },
		"bytes":  func(r *Reader) { r.Bytes() },
		"skip":   (*Reader).Skip,
		"fields": func(r *Reader) {
			s := open(t, l, nil)
			_ = s.Open(append([]byte{0x81, 0xa1, 'e'}, r.b...))
			_ = Get(&s.Fields, 2, texts)
		},
	}
	for name, read := range reads {
		for _, b := range announce {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			read(NewReader(b))
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 2<<20 {
				t.Errorf("%s of % x…: %d bytes", name, b[:5], n)
			}
		}
	}
}

func dictReader(r *Reader) { dict(r) }
