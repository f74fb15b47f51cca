package record

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/growth"
)

// entryKeys are n keys of a map in an order that is not theirs.
func entryKeys(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("preference-%d", (i*7919)%n)
	}
	return keys
}

// An item is what a cart holds.
type item struct {
	sku, name   string
	price, many int64
}

func writeItem(w *Writer, v item) {
	w.Map(4)
	w.Key("many")
	w.Int64(v.many)
	w.Key("name")
	w.String(v.name)
	w.Key("price")
	w.Int64(v.price)
	w.Key("sku")
	w.String(v.sku)
}

func writeItems(w *Writer, v []item) {
	for _, e := range StartSlice(w, v) {
		writeItem(w, e)
	}
}

// BenchmarkGrowth compares n operations, saved once, with setting the whole that they make and saving that: the medians
// of what they take in turns, so that both see the same machine. Loading the record is in neither, nor is what a Save
// does beside encoding it: the benchmark of this name in package session has all of a request. "times-whole" is to be at
// most 4 in both, but for "map/mixed", which does four operations for each element. A thousand short texts are a little
// above it here: 35 ns each, most of it for a lock, calls and the list's growth, where one in a row of others takes 8.
func BenchmarkGrowth(b *testing.B) {
	l := layout(b, Field{Name: "L", Key: "l", Type: List, Check: checkTexts}, Field{Name: "M", Key: "m", Type: Map, Check: checkDict},
		Field{Name: "N", Key: "n", Type: Int64}, Field{Name: "I", Key: "i", Type: List, Check: (*Reader).Skip})
	for _, n := range []int{10, 100, 1000, 10_000} {
		keys, items := entryKeys(n), make([]item, n)
		whole := make(map[string]string, n)
		for i, k := range keys {
			whole[k] = "value"
			items[i] = item{sku: k, name: "A thing that somebody buys", price: int64(100 * i), many: 1}
		}
		setMap := func(s *session) { Set(&s.Fields, 1, whole, writeDict) }
		full := open(b, l, nil)
		setMap(full)
		stored := full.save(b, nil)
		for _, c := range []struct {
			name  string
			base  []byte
			whole func(*session)
			one   func(*session, int)
		}{
			{"map/put", nil, setMap, func(s *session, i int) { put(s, 1, keys[i], "value") }},
			{"map/delete", stored, setMap, func(s *session, i int) { del(s, 1, keys[i]) }},
			{"map/mixed", nil, setMap, func(s *session, i int) {
				if _, ok := Lookup(&s.Fields, 1, keys[i], (*Writer).String, (*Reader).String); !ok {
					put(s, 1, keys[i], "value")
				}
				s.Has(1)
				s.Add(2, 1)
			}},
			{"list/append-text", nil, func(s *session) { Set(&s.Fields, 0, keys, writeTexts) },
				func(s *session, i int) { Append(&s.Fields, 0, keys[i:i+1], (*Writer).String) }},
			{"list/append-item", nil, func(s *session) { Set(&s.Fields, 3, items, writeItems) },
				func(s *session, i int) { Append(&s.Fields, 3, items[i:i+1], writeItem) }},
		} {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				timed := func(do func(*session)) time.Duration {
					s := open(b, l, c.base)
					began := time.Now()
					do(s)
					s.save(b, c.base)
					return time.Since(began)
				}
				growth.Compare(b, n, func() time.Duration { return timed(c.whole) }, func() time.Duration {
					return timed(func(s *session) {
						for i := range keys {
							c.one(s, i)
						}
					})
				})
			})
		}
	}
}

// The time of a loop's ops is that of the first, but not where the record sets a field a deadline that its schema does
// not.
func TestALongLogKnowsThatAnotherBinarysDeadlinePassed(t *testing.T) {
	theirs := open(t, layout(t, Field{Name: "M", Key: "m", Type: Map, Check: checkDict, TTL: time.Minute}), nil)
	put(theirs, 0, "old", "x")
	base := theirs.save(t, nil)
	l := layout(t, Field{Name: "M", Key: "m", Type: Map, Check: checkDict}, Field{Name: "N", Key: "n", Type: Int64})
	s := open(t, l, base)
	s.Add(1, 1)
	s.advance(time.Hour)
	put(s, 0, "new", "y")
	if got := dict(NewReader(s.value(0))); len(got) != 1 || got["new"] != "y" {
		t.Errorf("the map is %v after a put", got)
	}
	if got := dict(NewReader(open(t, l, s.save(t, base)).value(0))); len(got) != 1 || got["new"] != "y" {
		t.Errorf("the map is %v when it was saved", got)
	}
}

// A log is walked through when what is forgotten is dropped from it, which is when it gets shorter: the steps of all
// these walks are to grow as the operations do.
func TestTakesBetweenOperationsWalkTheLogSeldom(t *testing.T) {
	l := layout(t, Field{Name: "M", Key: "m", Type: Map, Check: checkDict}, Field{Name: "S", Key: "s", Type: String, Flash: true},
		Field{Name: "T", Key: "t", Type: List, Check: checkTexts, Flash: true})
	const n = 2000
	for name, c := range map[string]struct{ set, take func(*session) }{
		"set and taken":      {func(s *session) { s.SetString(1, "x") }, func(s *session) { s.TakePending(1) }},
		"appended and taken": {func(s *session) { appendText(s, 2, "x") }, func(s *session) { s.TakePending(2) }},
		"begun":              {func(s *session) { s.SetString(1, "x") }, func(s *session) { s.BeginTake(1) }},
	} {
		s := open(t, l, nil)
		steps, last := 0, 0
		look := func() {
			if len(s.log) < last {
				steps += last
			}
			last = len(s.log)
		}
		for _, k := range entryKeys(n) {
			put(s, 0, k, "value")
			look()
			c.set(s)
			look()
			c.take(s)
			look()
		}
		if steps > 8*n || len(s.log) > 4*n {
			t.Errorf("%s: %d steps over a log of %d", name, steps, len(s.log))
		}
		changes, err := s.Begin()
		if err != nil || len(changes.ops) != n {
			t.Errorf("%s: handed out %d, %v", name, len(changes.ops), err)
		}
	}
}

func TestAFieldThatWasSetAndTakenIsNoChange(t *testing.T) {
	l := layout(t, Field{Name: "S", Key: "s", Type: String, Flash: true})
	s := open(t, l, nil)
	for range 3 {
		s.SetString(0, "x")
		if value, ok := s.TakePending(0); !ok || string(value) != string(str("x")) {
			t.Fatalf("% x, %v", value, ok)
		}
		if s.Changed() || s.Pending(0) || s.Has(0) {
			t.Errorf("changed %v, pending %v, has %v", s.Changed(), s.Pending(0), s.Has(0))
		}
	}
	if changes, err := s.Begin(); err != nil || !changes.Empty() {
		t.Errorf("%+v, %v", changes, err)
	}
}

// A value that its own type refuses to read back makes a misfit of the field, until it is gone: what was read once, to
// know that, is not read again for each operation after it.
func TestOperationsAfterAMisfitReadNothingTwice(t *testing.T) {
	reads := 0
	readBomb := func(r *Reader) bomb { reads++; return readBomb(r) }
	l := layout(t, Field{Name: "M", Key: "m", Type: Map, Check: func(r *Reader) { ReadMap[map[string]bomb](r, (*Reader).String, readBomb) }},
		Field{Name: "L", Key: "l", Type: List, Check: func(r *Reader) { ReadSlice[[]bomb](r, readBomb) }})
	const n = 1000
	whole := map[string]bomb{"worst": "unmarshal"}
	for _, k := range entryKeys(n) {
		whole[k] = "fine"
	}
	put := func(s *session, k string, v bomb) { Put(&s.Fields, 0, k, v, (*Writer).String, writeBomb) }
	for name, c := range map[string]struct {
		field     int
		spoil, do func(*session, string)
		mend      func(*session)
	}{
		"put": {0, func(s *session, k string) { put(s, "worst", "unmarshal") },
			func(s *session, k string) { put(s, k, "fine") }, func(s *session) { put(s, "worst", "fine") }},
		"put among many": {0, func(s *session, k string) { Set(&s.Fields, 0, whole, writeBombValues) },
			func(s *session, k string) { put(s, k, "fine") }, func(s *session) { put(s, "worst", "fine") }},
		"delete": {0, func(s *session, k string) { Set(&s.Fields, 0, whole, writeBombValues) },
			func(s *session, k string) { del(s, 0, k) }, func(s *session) { del(s, 0, "worst") }},
		"append": {1, func(s *session, k string) { Append(&s.Fields, 1, []bomb{"unmarshal"}, writeBomb) },
			func(s *session, k string) { Append(&s.Fields, 1, []bomb{"fine"}, writeBomb) },
			func(s *session) { Set(&s.Fields, 1, []bomb{"fine"}, writeBombs) }},
	} {
		s := open(t, l, nil)
		c.spoil(s, "worst")
		reads = 0
		for _, k := range entryKeys(n) {
			c.do(s, k)
			if s.Has(c.field) {
				t.Fatalf("%s: it has a value with one that does not fit", name)
			}
		}
		if reads > 4*n {
			t.Errorf("%s: %d values read for %d operations", name, reads, n)
		}
		if c.mend(s); !s.Has(c.field) {
			t.Errorf("%s: what did not fit is gone, and the field is absent", name)
		}
		mended := s.value(c.field)
		changes, err := s.Begin()
		if err != nil || !s.Has(c.field) {
			t.Errorf("%s: after Begin it has %v, %v", name, s.Has(c.field), err)
		}
		if s.Abort(changes); !s.Has(c.field) || !bytes.Equal(s.value(c.field), mended) {
			t.Errorf("%s: after Abort it is of %d bytes, was of %d", name, len(s.value(c.field)), len(mended))
		}
	}
}
