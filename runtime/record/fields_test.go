package record

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"
)

// A session is Fields as a generated session holds them, with a clock of its own and an ear for misfits.
type session struct {
	Fields
	Work
	mu          sync.Mutex
	now         time.Time
	misfits     []string
	lateChanges int
}

func (s *session) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *session) ChangedLate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lateChanges++
}

func (s *session) Misfit(f *Field) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.misfits = append(s.misfits, f.Key)
}

func (s *session) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// A fataler is a test, of package testing or of rapid.
type fataler interface {
	Helper()
	Fatal(args ...any)
}

var start = time.Unix(1_900_000_000, 0)

func layout(t testing.TB, fields ...Field) *Layout {
	t.Helper()
	l, err := NewLayout(fields, 0)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func open(t fataler, l *Layout, base []byte) *session {
	t.Helper()
	s := &session{now: start}
	s.Work = s.Fields.Work()
	s.Init(l, make([]Slot, l.Len()), s)
	if base != nil {
		if err := s.Open(base); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// save does what a session's Save does with a store that holds base, and returns what the store holds then.
func (s *session) save(t fataler, base []byte) []byte {
	t.Helper()
	changes, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	next, err := s.Replay(nil, base, changes)
	if err != nil {
		t.Fatal(err)
	}
	s.Commit(next)
	return next
}

// pack encodes a record of the given keys and values, each value already encoded.
func pack(pairs ...any) []byte {
	var w Writer
	w.Map(len(pairs) / 2)
	for i := 0; i < len(pairs); i += 2 {
		w.Key(pairs[i].(string))
		w.b = append(w.b, pairs[i+1].([]byte)...)
	}
	return w.b
}

// val encodes one value.
func val(write func(*Writer)) []byte {
	var w Writer
	write(&w)
	return w.b
}

func str(s string) []byte { return val(func(w *Writer) { w.String(s) }) }
func num(n int64) []byte  { return val(func(w *Writer) { w.Int64(n) }) }

// keys lists what stands in a record, in its order.
func keys(t testing.TB, encoded []byte) (names []string) {
	t.Helper()
	r := NewReader(encoded)
	for range r.Struct() {
		names = append(names, r.Key())
		r.Skip()
	}
	if !r.done() {
		t.Fatalf("not a record: %v", r.Err())
	}
	return names
}

func texts(r *Reader) []string { return ReadSlice[[]string](r, (*Reader).String) }
func writeTexts(w *Writer, v []string) {
	for _, e := range StartSlice(w, v) {
		w.String(e)
	}
}
func writeBlobs(w *Writer, v [][]byte) {
	for _, e := range StartSlice(w, v) {
		w.Bytes(e)
	}
}
func dict(r *Reader) map[string]string {
	return ReadMap[map[string]string](r, (*Reader).String, (*Reader).String)
}
func writeDict(w *Writer, v map[string]string) { WriteMap(w, v, (*Writer).String, (*Writer).String) }
func checkTexts(r *Reader)                     { texts(r) }
func checkDict(r *Reader)                      { dict(r) }

func TestARecordHasItsKeysInOrderAndEqualSessionsAreEqualBytes(t *testing.T) {
	l := layout(t,
		Field{Name: "C", Key: "c", Type: String}, Field{Name: "A", Key: "a", Type: Int64},
		Field{Name: "M", Key: "m", Type: Map, Check: checkDict}, Field{Name: "B", Key: "b", Type: Bool})
	entries := []string{"x", "b", "aa", "a", "", "é"}
	one, two := open(t, l, nil), open(t, l, nil)
	one.SetString(0, "c")
	one.SetInt64(1, 1)
	one.SetBool(3, true)
	m := make(map[string]string)
	for _, e := range entries {
		m[e] = e
	}
	Set(&one.Fields, 2, m, writeDict)
	for _, e := range slices.Backward(entries) {
		Put(&two.Fields, 2, e, e, (*Writer).String, (*Writer).String)
	}
	two.SetBool(3, false)
	two.SetBool(3, true)
	two.Add(1, 5)
	two.Add(1, ^uint64(3)) // −4
	two.SetString(0, "c")
	a, b := one.save(t, nil), two.save(t, nil)
	if string(a) != string(b) {
		t.Errorf("% x\n% x", a, b)
	}
	if got := keys(t, a); !slices.Equal(got, []string{"a", "b", "c", "m"}) {
		t.Errorf("keys: %q", got)
	}
	if c := open(t, l, a).save(t, a); string(c) != string(a) {
		t.Errorf("saved without changes: % x", c)
	}
}

func TestEveryTypeSurvivesTheRoundTrip(t *testing.T) {
	l := layout(t, Field{Name: "Bool", Key: "bool", Type: Bool}, Field{Name: "Time", Key: "time", Type: Time},
		Field{Name: "Bytes", Key: "bytes", Type: Bytes}, Field{Name: "Float32", Key: "f32", Type: Float32},
		Field{Name: "Float64", Key: "f64", Type: Float64}, Field{Name: "String", Key: "string", Type: String},
		Field{Name: "Int64", Key: "i64", Type: Int64}, Field{Name: "Uint64", Key: "u64", Type: Uint64},
		Field{Name: "List", Key: "list", Type: List, Check: checkTexts}, Field{Name: "Map", Key: "map", Type: Map, Check: checkDict})
	roundTrip := func(set func(*session), same func(*session) bool) {
		t.Helper()
		s := open(t, l, nil)
		set(s)
		if !same(s) {
			t.Error("it is another one before the save")
		}
		if base := s.save(t, nil); !same(s) || !same(open(t, l, base)) {
			t.Error("it is another one after the save")
		}
	}
	for _, v := range []bool{false, true} {
		roundTrip(func(s *session) { s.SetBool(0, v) }, func(s *session) bool { return s.Bool(0) == v && s.Has(0) })
	}
	for _, v := range []time.Time{{}, time.Unix(0, 0), time.Unix(0, 1), time.Unix(-1, 999_999_999), time.Unix(1<<32, 0),
		time.Unix(1<<34, 5), time.Unix(1<<34-1, 5), time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(-5000, 1, 1, 0, 0, 0, 1, time.UTC), time.Now()} {
		roundTrip(func(s *session) { s.SetTime(1, v) }, func(s *session) bool {
			got := s.Time(1)
			return got.Equal(v) && got.Location() == time.UTC && got.IsZero() == v.IsZero()
		})
	}
	for _, v := range [][]byte{nil, {}, {0}, make([]byte, 255), make([]byte, 256), make([]byte, 1<<16)} {
		roundTrip(func(s *session) { s.SetBytes(2, v) }, func(s *session) bool { return reflect.DeepEqual(s.Bytes(2), v) && s.Has(2) })
	}
	for _, v := range []float32{0, -1.5, 3.4e38, 1e-45} {
		roundTrip(func(s *session) { s.SetFloat32(3, v) }, func(s *session) bool { return s.Float32(3) == v })
	}
	for _, v := range []float64{0, -1.5, 1.7e308, 5e-324} {
		roundTrip(func(s *session) { s.SetFloat64(4, v) }, func(s *session) bool { return s.Float64(4) == v })
	}
	for _, n := range []int{0, 1, 31, 32, 255, 256, 1 << 16} {
		v := string(make([]byte, n))
		roundTrip(func(s *session) { s.SetString(5, v) }, func(s *session) bool { return s.String(5) == v && s.Has(5) })
	}
	for shift := range 64 {
		for _, d := range []int64{-1, 0, 1} {
			v := int64(1)<<shift + d
			for _, v := range []int64{v, -v} {
				roundTrip(func(s *session) { s.SetInt64(6, v) }, func(s *session) bool { return s.Int64(6) == v })
				roundTrip(func(s *session) { s.SetUint64(7, uint64(v)) }, func(s *session) bool { return s.Uint64(7) == uint64(v) })
			}
		}
	}
	for _, v := range [][]string{nil, {}, {""}, {"a", "b"}, make([]string, 15), make([]string, 16), make([]string, 1<<16)} {
		roundTrip(func(s *session) { Set(&s.Fields, 8, v, writeTexts) },
			func(s *session) bool { return reflect.DeepEqual(Get(&s.Fields, 8, texts), v) && s.Has(8) })
	}
	for _, v := range []map[string]string{nil, {}, {"": ""}, {"a": "1", "b": "2"}} {
		roundTrip(func(s *session) { Set(&s.Fields, 9, v, writeDict) },
			func(s *session) bool { return reflect.DeepEqual(Get(&s.Fields, 9, dict), v) && s.Has(9) })
	}
}

func TestCountersWrapAsTheirTypeDoes(t *testing.T) {
	for _, c := range []struct {
		typ  Type
		read func(s *session) uint64 // sign-extended
		wrap func(v uint64) uint64
	}{
		{Int8, func(s *session) uint64 { return uint64(s.Int8(0)) }, func(v uint64) uint64 { return uint64(int8(v)) }},
		{Int16, func(s *session) uint64 { return uint64(s.Int16(0)) }, func(v uint64) uint64 { return uint64(int16(v)) }},
		{Int32, func(s *session) uint64 { return uint64(s.Int32(0)) }, func(v uint64) uint64 { return uint64(int32(v)) }},
		{Int64, func(s *session) uint64 { return uint64(s.Int64(0)) }, func(v uint64) uint64 { return v }},
		{Int, func(s *session) uint64 { return uint64(s.Int(0)) }, func(v uint64) uint64 { return uint64(int(v)) }},
		{Duration, func(s *session) uint64 { return uint64(s.Duration(0)) }, func(v uint64) uint64 { return v }},
		{Uint8, func(s *session) uint64 { return uint64(s.Uint8(0)) }, func(v uint64) uint64 { return uint64(uint8(v)) }},
		{Uint16, func(s *session) uint64 { return uint64(s.Uint16(0)) }, func(v uint64) uint64 { return uint64(uint16(v)) }},
		{Uint32, func(s *session) uint64 { return uint64(s.Uint32(0)) }, func(v uint64) uint64 { return uint64(uint32(v)) }},
		{Uint64, func(s *session) uint64 { return s.Uint64(0) }, func(v uint64) uint64 { return v }},
		{Uint, func(s *session) uint64 { return uint64(s.Uint(0)) }, func(v uint64) uint64 { return uint64(uint(v)) }},
	} {
		l := layout(t, Field{Name: "N", Key: "n", Type: c.typ, Counter: true})
		s := open(t, l, nil)
		var base []byte
		var want uint64
		for _, delta := range []uint64{0, 1, 126, 1, 1, ^uint64(0), 255, 1, 1 << 15, 1 << 16, 1 << 31, 1 << 32, 1 << 62, 1 << 63,
			^uint64(1 << 20), 1<<63 - 1, ^uint64(0), 12345} {
			s.Add(0, delta)
			want = c.wrap(want + delta)
			if got := c.read(s); got != want {
				t.Fatalf("type %d: after adding %d: %d, want %d", c.typ, int64(delta), int64(got), int64(want))
			}
			if delta%2 == 1 {
				base = s.save(t, base)
				if got := c.read(open(t, l, base)); got != want {
					t.Fatalf("type %d: stored %d, want %d", c.typ, int64(got), int64(want))
				}
			}
		}
	}
}

func TestUnknownFieldsSurviveByteForByte(t *testing.T) {
	l := layout(t, Field{Name: "B", Key: "b", Type: String}, Field{Name: "D", Key: "d", Type: String})
	unusual := []byte{0xd9, 1, 'x'} // not as this package writes a string
	enveloped := content{value: num(1), deadline: start.Add(-time.Hour).UnixNano(), older: 1}.append(nil)
	base := pack("a", unusual, "b", unusual, "c", enveloped, "e", []byte{0x93, 1, 0xc0, 0xcc, 1}, "é", []byte{0xd4, 7, 7})
	s := open(t, l, base)
	if s.String(0) != "x" {
		t.Errorf("b is %q", s.String(0))
	}
	if next := s.save(t, base); string(next) != string(base) {
		t.Errorf("nothing changed:\n% x\n% x", base, next)
	}
	s.SetString(1, "new")
	want := pack("a", unusual, "b", unusual, "c", enveloped, "d", str("new"), "e", []byte{0x93, 1, 0xc0, 0xcc, 1}, "é", []byte{0xd4, 7, 7})
	next := s.save(t, base)
	if string(next) != string(want) {
		t.Errorf("d was set:\n% x\n% x", want, next)
	}
	s.Remove(0)
	s.Remove(1)
	want = pack("a", unusual, "c", enveloped, "e", []byte{0x93, 1, 0xc0, 0xcc, 1}, "é", []byte{0xd4, 7, 7})
	if next = s.save(t, next); string(next) != string(want) {
		t.Errorf("b and d were cleared:\n% x\n% x", want, next)
	}
}

func TestWhatIsNoRecordIsAnErrorAndLeavesTheFieldsEmpty(t *testing.T) {
	l := layout(t, Field{Name: "A", Key: "a", Type: Int64})
	for name, b := range map[string][]byte{
		"nothing":              {},
		"no map":               {0xc0},
		"less than announced":  {0x81},
		"half a pair":          {0x81, 0xa1, 'a'},
		"half a value":         {0x81, 0xa1, 'a', 0xcd, 1},
		"more than announced":  {0x80, 0xc0},
		"out of order":         {0x82, 0xa1, 'b', 1, 0xa1, 'a', 1},
		"a key twice":          {0x82, 0xa1, 'a', 1, 0xa1, 'a', 2},
		"an unknown key twice": {0x82, 0xa1, 'b', 1, 0xa1, 'b', 2},
		"a number as key":      {0x81, 1, 1},
		"an invalid byte":      {0x81, 0xa1, 'a', 0xc1},
	} {
		s := open(t, l, pack("a", num(7)))
		s.SetInt64(0, 8)
		if err := s.Open(b); err == nil {
			t.Errorf("%s: opened", name)
		}
		if s.Has(0) || s.Changed() || s.Base() != nil {
			t.Errorf("%s: the fields are not empty", name)
		}
		if _, err := s.Replay(nil, b, Changes{}); err == nil {
			t.Errorf("%s: replayed on it", name)
		}
	}
}

func TestManyUnknownFieldsNeedALargerHeader(t *testing.T) {
	l := layout(t, Field{Name: "A", Key: "key500", Type: Int64})
	var pairs []any
	for i := range 900 {
		if i != 400 {
			pairs = append(pairs, "key"+string(rune('0'+(i+100)/100))+string(rune('0'+i/10%10))+string(rune('0'+i%10)), num(int64(i)))
		}
	}
	for _, n := range []int{15, 16, 899} {
		base := pack(pairs[:2*n]...)
		s := open(t, l, base)
		s.SetInt64(0, 7)
		next := s.save(t, base)
		if got := keys(t, next); len(got) != n+1 || !slices.IsSorted(got) || open(t, l, next).Int64(0) != 7 {
			t.Errorf("%d pairs became %d", n, len(got))
		}
	}
}

func TestAChangeOfTypeReadsAsAbsentUnlessTheValueFits(t *testing.T) {
	for _, c := range []struct {
		name   string
		stored []byte
		typ    Type
		fits   bool
	}{
		{"int to string", num(5), String, false},
		{"string to int", str("5"), Int64, false},
		{"string to bytes", str("5"), Bytes, false},
		{"bytes to string", val(func(w *Writer) { w.Bytes([]byte("5")) }), String, false},
		{"int64 to int8, small", num(5), Int8, true},
		{"int64 to int8, large", num(500), Int8, false},
		{"int64 to uint8, negative", num(-5), Uint8, false},
		{"int64 to uint64", num(5), Uint64, true},
		{"uint64 to int64, small", val(func(w *Writer) { w.Uint64(5) }), Int64, true},
		{"uint64 to int64, large", val(func(w *Writer) { w.Uint64(1 << 63) }), Int64, false},
		{"int to duration", num(5), Duration, true},
		{"int to time", num(5), Time, false},
		{"time to int", val(func(w *Writer) { w.Time(start) }), Int64, false},
		{"bool to int", val(func(w *Writer) { w.Bool(true) }), Int64, false},
		{"int to bool", num(1), Bool, false},
		{"float64 to float32", val(func(w *Writer) { w.Float64(1) }), Float32, false},
		{"float32 to float64", val(func(w *Writer) { w.Float32(1) }), Float64, true},
		{"nil to int", []byte{0xc0}, Int64, false},
		{"nil to bytes", []byte{0xc0}, Bytes, true},
		{"nil to list", []byte{0xc0}, List, true},
		{"list to map", val(func(w *Writer) { writeTexts(w, []string{"a"}) }), Map, false},
		{"map to list", val(func(w *Writer) { writeDict(w, map[string]string{"a": "b"}) }), List, false},
		{"list of other elements", []byte{0x92, 0xa1, 'a', 1}, List, false},
	} {
		check := map[Type]func(*Reader){List: checkTexts, Map: checkDict}
		l := layout(t, Field{Name: "F", Key: "f", Type: c.typ, Check: check[c.typ]})
		base := pack("f", c.stored)
		s := open(t, l, base)
		for range 2 { // the second answer is remembered
			if s.Has(0) != c.fits {
				t.Errorf("%s: Has is %v", c.name, !c.fits)
			}
		}
		if told := len(s.misfits) == 1; told == c.fits {
			t.Errorf("%s: misfits %q", c.name, s.misfits)
		}
		if next := s.save(t, base); string(next) != string(base) {
			t.Errorf("%s: it is not kept: % x", c.name, next)
		}
	}
}

func TestAMisfitIsReportedOnceByEveryWayToReadIt(t *testing.T) {
	for name, c := range map[string]struct {
		typ    Type
		stored []byte
		read   func(*session) bool // whether what it returned is zero
	}{
		"Has":      {Int64, str("x"), func(s *session) bool { return !s.Has(0) }},
		"int":      {Int64, str("x"), func(s *session) bool { return s.Int64(0) == 0 }},
		"int8":     {Int8, num(300), func(s *session) bool { return s.Int8(0) == 0 }},
		"uint32":   {Uint32, num(-1), func(s *session) bool { return s.Uint32(0) == 0 }},
		"bool":     {Bool, num(1), func(s *session) bool { return !s.Bool(0) }},
		"float32":  {Float32, num(1), func(s *session) bool { return s.Float32(0) == 0 }},
		"float64":  {Float64, num(1), func(s *session) bool { return s.Float64(0) == 0 }},
		"string":   {String, num(1), func(s *session) bool { return s.String(0) == "" }},
		"bytes":    {Bytes, num(1), func(s *session) bool { return s.Bytes(0) == nil }},
		"time":     {Time, num(1), func(s *session) bool { return s.Time(0).IsZero() }},
		"duration": {Duration, str("x"), func(s *session) bool { return s.Duration(0) == 0 }},
		"list":     {List, []byte{0x92, 0xa1, 'a', 1}, func(s *session) bool { return Get(&s.Fields, 0, texts) == nil }},
		"map":      {Map, num(1), func(s *session) bool { return Get(&s.Fields, 0, dict) == nil }},
		"lookup": {Map, num(1), func(s *session) bool {
			v, ok := Lookup(&s.Fields, 0, "k", (*Writer).String, (*Reader).String)
			return v == "" && !ok
		}},
	} {
		check := map[Type]func(*Reader){List: checkTexts, Map: checkDict}
		s := open(t, layout(t, Field{Name: "F", Key: "f", Type: c.typ, Check: check[c.typ]}), pack("f", c.stored))
		for range 3 {
			if !c.read(s) {
				t.Errorf("%s: it does not read as zero", name)
			}
		}
		if !slices.Equal(s.misfits, []string{"f"}) {
			t.Errorf("%s: reported %q", name, s.misfits)
		}
	}
}

func TestAnOpOnAMisfitCountsItAsAbsent(t *testing.T) {
	l := layout(t, Field{Name: "N", Key: "n", Type: Int64}, Field{Name: "L", Key: "l", Type: List, Check: checkTexts},
		Field{Name: "M", Key: "m", Type: Map, Check: checkDict})
	base := pack("l", num(1), "m", num(2), "n", str("three"))
	s := open(t, l, base)
	Delete(&s.Fields, 2, "k", (*Writer).String)
	if next := s.save(t, base); string(next) != string(base) {
		t.Errorf("a delete dropped it: % x", next)
	}
	s.Add(0, 5)
	Append(&s.Fields, 1, []string{"a"}, (*Writer).String)
	Put(&s.Fields, 2, "k", "v", (*Writer).String, (*Writer).String)
	want := pack("l", []byte{0x91, 0xa1, 'a'}, "m", []byte{0x81, 0xa1, 'k', 0xa1, 'v'}, "n", num(5))
	if next := s.save(t, base); string(next) != string(want) {
		t.Errorf("% x", next)
	}
}

func TestValuesNeverAlias(t *testing.T) {
	l := layout(t, Field{Name: "S", Key: "s", Type: String}, Field{Name: "B", Key: "b", Type: Bytes},
		Field{Name: "L", Key: "l", Type: List, Check: func(r *Reader) { ReadSlice[[][]byte](r, (*Reader).Bytes) }},
		Field{Name: "M", Key: "m", Type: Map, Check: checkDict}, Field{Name: "N", Key: "n", Type: Int64})
	blobs := func(r *Reader) [][]byte { return ReadSlice[[][]byte](r, (*Reader).Bytes) }
	s := open(t, l, nil)
	for round := range 3 {
		s.SetString(0, "before")
		got := s.String(0)
		for range 50 {
			s.SetString(0, "after!")
			s.SetInt64(4, 1)
			s.Add(4, 1)
		}
		if got != "before" || s.String(0) != "after!" {
			t.Errorf("round %d: a string changed to %q", round, got)
		}

		in := []byte("bytes")
		s.SetBytes(1, in)
		in[0] = 'X'
		out := s.Bytes(1)
		if string(out) != "bytes" {
			t.Errorf("round %d: the setter kept the caller's slice", round)
		}
		out[0] = 'Y'
		if string(s.Bytes(1)) != "bytes" {
			t.Errorf("round %d: the getter gave its own slice away", round)
		}

		list := [][]byte{[]byte("a"), []byte("b")}
		Set(&s.Fields, 2, list, writeBlobs)
		list[0][0], list[1] = 'X', nil
		read := Get(&s.Fields, 2, blobs)
		if string(read[0]) != "a" || string(read[1]) != "b" {
			t.Errorf("round %d: the list is %q", round, read)
		}
		read[0][0] = 'Y'
		_ = append(read[:1], []byte("Z"))
		if again := Get(&s.Fields, 2, blobs); string(again[0]) != "a" || string(again[1]) != "b" {
			t.Errorf("round %d: the list is now %q", round, again)
		}

		s.SetString(0, "decoded")
		decoded := Get(&s.Fields, 0, (*Reader).String)
		s.SetString(0, "after!")
		if decoded != "decoded" {
			t.Errorf("round %d: a string changed to %q", round, decoded)
		}

		m := map[string]string{"k": "v"}
		Set(&s.Fields, 3, m, writeDict)
		m["k"] = "X"
		Get(&s.Fields, 3, dict)["k"] = "Y"
		if v, ok := Lookup(&s.Fields, 3, "k", (*Writer).String, (*Reader).String); v != "v" || !ok {
			t.Errorf("round %d: the map has %q", round, v)
		}

		held := s.String(0)
		base := s.save(t, nil)
		clear(base[:0])
		s.SetString(0, "much later")
		if held != "after!" {
			t.Errorf("round %d: a string changed to %q", round, held)
		}
	}
}

func TestAValueOnTheWayToTheStoreIsNotOverwritten(t *testing.T) {
	l := layout(t, Field{Name: "N", Key: "n", Type: Int64}, Field{Name: "S", Key: "s", Type: String})
	s := open(t, l, nil)
	s.SetInt64(0, 1)
	s.SetString(1, "one")
	changes, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	s.SetInt64(0, 2)
	s.SetString(1, "two")
	next, err := s.Replay(nil, nil, changes)
	if err != nil {
		t.Fatal(err)
	}
	if got := open(t, l, next); got.Int64(0) != 1 || got.String(1) != "one" {
		t.Errorf("saved: %d, %q", got.Int64(0), got.String(1))
	}
	s.Abort(changes)
	s.SetInt64(0, 3)
	if got := open(t, l, s.save(t, nil)); got.Int64(0) != 3 || got.String(1) != "two" {
		t.Errorf("after Abort saved: %d, %q", got.Int64(0), got.String(1))
	}
}

func TestAFailedSaveBringsBackWhatWasTakenFromAboveIt(t *testing.T) {
	l := layout(t, Field{Name: "Notice", Key: "notice", Type: String, Flash: true})
	s := open(t, l, nil)
	s.SetString(0, "one")
	changes, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	s.SetString(0, "two")
	if v, ok := s.TakePending(0); !ok || string(v) != string(str("two")) {
		t.Fatalf("took % x, %v", v, ok)
	}
	s.Abort(changes)
	if got := open(t, l, s.save(t, nil)); s.String(0) != "one" || got.String(0) != "one" {
		t.Errorf("the session has %q, the store %q", s.String(0), got.String(0))
	}
}

func TestOnlyTheChangesOfTheSaveUnderWayAreThereAlready(t *testing.T) {
	l := layout(t, Field{Name: "N", Key: "n", Type: Int64})
	base := pack("n", num(1))
	s := open(t, l, base)
	s.SetInt64(0, 2)
	if _, err := s.Begin(); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Replay(nil, s.Base(), Changes{}); err != nil || string(got) != string(base) {
		t.Errorf("no changes: % x, %v", got, err)
	}
}

func TestFieldsAreSafeForConcurrentUse(t *testing.T) {
	l := layout(t, Field{Name: "N", Key: "n", Type: Int64}, Field{Name: "S", Key: "s", Type: String, TTL: time.Hour},
		Field{Name: "B", Key: "b", Type: Bytes}, Field{Name: "L", Key: "l", Type: List, Check: checkTexts},
		Field{Name: "M", Key: "m", Type: Map, Check: checkDict}, Field{Name: "X", Key: "x", Type: Int64})
	base := pack("x", str("misfit"))
	s := open(t, l, base)
	const goroutines, rounds = 8, 50
	var wg sync.WaitGroup
	var store sync.Mutex
	for g := range goroutines {
		wg.Go(func() {
			name := string(rune('a' + g))
			for range rounds {
				s.Add(0, 1)
				s.SetString(1, name+name)
				if v := s.String(1); v != "" && v[0] != v[1] {
					t.Errorf("half of a string: %q", v)
				}
				s.SetBytes(2, []byte(name))
				_ = s.Bytes(2)
				Append(&s.Fields, 3, []string{name}, (*Writer).String)
				_ = Get(&s.Fields, 3, texts)
				Put(&s.Fields, 4, name, name, (*Writer).String, (*Writer).String)
				Lookup(&s.Fields, 4, name, (*Writer).String, (*Reader).String)
				Delete(&s.Fields, 4, "none", (*Writer).String)
				_, _, _ = s.Int64(5), s.Has(5), s.Changed()
				s.advance(time.Second)
			}
			store.Lock() // one Save at a time, as a session does it
			defer store.Unlock()
			base = s.save(t, base)
		})
	}
	wg.Wait()
	base = s.save(t, base)
	got := open(t, l, base)
	if got.Int64(0) != goroutines*rounds || len(Get(&got.Fields, 3, texts)) != goroutines*rounds || len(Get(&got.Fields, 4, dict)) != goroutines {
		t.Errorf("%d, %d, %v", got.Int64(0), len(Get(&got.Fields, 3, texts)), Get(&got.Fields, 4, dict))
	}
	if len(s.misfits) == 0 {
		t.Error("the misfit was not reported")
	}
}

func TestLayoutsRefuseKeysThatTwoFieldsShare(t *testing.T) {
	for _, fields := range [][]Field{
		{{Name: "A", Key: "a"}, {Name: "B", Key: "a"}},
		{{Name: "A", Key: "a"}, {Name: "B", Key: "b", Was: []string{"a"}}},
		{{Name: "A", Key: "a", Was: []string{"a"}}},
		{{Name: "A", Key: "a", Was: make([]string, maxOlder+1)}},
	} {
		if _, err := NewLayout(fields, 0); err == nil {
			t.Errorf("%+v is accepted", fields)
		}
	}
}

func TestAValueToBeShownIsThatOfTheGetter(t *testing.T) {
	types := []Type{Bool, Int, Int8, Int16, Int32, Int64, Uint, Uint8, Uint16, Uint32, Uint64, Float32, Float64, String, Bytes, Time, Duration, List}
	fields := make([]Field, len(types))
	for i, typ := range types {
		fields[i] = Field{Name: "F", Key: fmt.Sprint(i), Type: typ, Check: checkTexts}
	}
	s := open(t, layout(t, fields...), nil)
	s.SetBool(0, true)
	s.SetInt(1, -1)
	s.SetInt8(2, -8)
	s.SetInt16(3, -16)
	s.SetInt32(4, -32)
	s.SetInt64(5, -64)
	s.SetUint(6, 1)
	s.SetUint8(7, 8)
	s.SetUint16(8, 16)
	s.SetUint32(9, 32)
	s.SetUint64(10, 64)
	s.SetFloat32(11, 1.5)
	s.SetFloat64(12, 2.5)
	s.SetString(13, "text")
	s.SetBytes(14, []byte("bytes"))
	s.SetTime(15, start)
	s.SetDuration(16, time.Hour)
	Set(&s.Fields, 17, []string{"text"}, writeTexts)
	for i, want := range []any{
		true, -1, int8(-8), int16(-16), int32(-32), int64(-64), uint(1), uint8(8), uint16(16), uint32(32), uint64(64),
		float32(1.5), 2.5, "text", []byte("bytes"), s.Time(15), time.Hour, nil,
	} {
		if got := s.Value(i); !reflect.DeepEqual(got, want) {
			t.Errorf("type %d: %#v, want %#v", types[i], got, want)
		}
	}
}

func TestTheFirstChangeAfterCloseIsTold(t *testing.T) {
	l := layout(t, Field{Name: "S", Key: "s", Type: String}, Field{Name: "L", Key: "l", Type: List, Check: checkTexts},
		Field{Name: "M", Key: "m", Type: Map, Check: checkDict}, Field{Name: "N", Key: "n", Type: Int64})
	for name, change := range map[string]func(f *Fields){
		"Set":        func(f *Fields) { f.SetString(0, "v") },
		"Set a list": func(f *Fields) { Set(f, 1, []string{"v"}, writeTexts) },
		"Append":     func(f *Fields) { Append(f, 1, []string{"v"}, (*Writer).String) },
		"Put":        func(f *Fields) { Put(f, 2, "k", "v", (*Writer).String, (*Writer).String) },
		"Delete":     func(f *Fields) { Delete(f, 2, "k", (*Writer).String) },
		"Add":        func(f *Fields) { f.Add(3, 1) },
		"Remove":     func(f *Fields) { f.Remove(3) },
	} {
		s := open(t, l, nil)
		change(&s.Fields)
		s.Close()
		if _ = s.String(0); s.lateChanges != 0 {
			t.Errorf("%s: told of a change before Close, or of a getter", name)
		}
		change(&s.Fields)
		change(&s.Fields)
		if s.lateChanges != 1 {
			t.Errorf("%s: told %d times", name, s.lateChanges)
		}
	}
}
