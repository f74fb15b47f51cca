package record

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A map of structs: some values have members that this binary does not know.
func shapedKind() kind {
	return kind{
		field: Field{Type: Map, Check: (*Reader).Skip, Shape: &Shape{Values: orderShape}},
		draw: func(t *rapid.T, i int) change {
			k := words.Draw(t, "k")
			v := rapid.SampledFrom([][]byte{order("a", 0, place("Rome", 0)), order("b", 0, []byte{0xc0}),
				order("c", 0, place("Oslo", 0), "x", place("Bern", 0)), {0xc0}}).Draw(t, "v")
			switch rapid.IntRange(0, 9).Draw(t, "op") {
			case 0:
				return change{name: "Set", do: func(s *session) { raw(s, i, pack("a", v)) }}
			case 1, 2, 3:
				return change{name: fmt.Sprintf("Delete(%q)", k), do: func(s *session) { del(s, i, k) }}
			}
			return change{name: fmt.Sprintf("Put(%q, %q)", k, v), do: func(s *session) {
				Put(&s.Fields, i, k, v, (*Writer).String, func(w *Writer, b []byte) { w.b = append(w.b, b...) })
			}}
		},
	}
}

func numberedKind(ttl time.Duration) kind {
	return kind{
		field: Field{Type: Map, Check: checkDict, TTL: ttl},
		draw: func(t *rapid.T, i int) change {
			k := fmt.Sprint(rapid.IntRange(0, 300).Draw(t, "k"))
			if rapid.IntRange(0, 2).Draw(t, "op") == 0 {
				return change{name: fmt.Sprintf("Delete(%q)", k), do: func(s *session) { del(s, i, k) }}
			}
			v := words.Draw(t, "v")
			return change{name: fmt.Sprintf("Put(%q, %q)", k, v), do: func(s *session) { put(s, i, k, v) }}
		},
	}
}

// Hundreds of changes of one field, with looks at it and at others in between, end in the bytes that the same changes
// end in when each is saved by itself: on the record that was loaded, and on one that another request has changed.
func TestManyChangesOfAFieldAreWhatTheyAreOneByOne(t *testing.T) {
	ks := append(kinds(), shapedKind(), numberedKind(0), numberedKind(shortTTL))
	var fields []Field
	for i := range ks {
		ks[i].field.Name = fmt.Sprintf("Field%02d", i)
		ks[i].field.Key = fmt.Sprintf("k%02d", i)
		fields = append(fields, ks[i].field)
	}
	l := layout(t, fields...)
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(4, len(ks)-1).Draw(t, "field")
		now := start
		single := func(ch change) Changes { // the op of one change, made by a session that knows nothing else
			s := open(t, l, nil)
			s.now = now
			ch.do(s)
			ops, err := s.Begin()
			if err != nil {
				t.Fatal(err)
			}
			return ops
		}
		replay := func(s *session, base []byte, ops Changes) []byte {
			next, err := s.Replay(nil, base, ops)
			if err != nil {
				t.Fatal(err)
			}
			return next
		}
		other := open(t, l, nil)
		loaded := []byte{0x80}
		for range rapid.IntRange(0, 20).Draw(t, "before") {
			loaded = replay(other, loaded, single(ks[i].draw(t, i)))
		}
		changed := bytes.Clone(loaded)
		for range rapid.IntRange(0, 5).Draw(t, "meanwhile") {
			changed = replay(other, changed, single(ks[i].draw(t, i)))
		}
		if ks[i].field.Shape != nil {
			loaded = pack(fields[i].Key, pack("a", order("old", 1, place("Rome", 2), "x", place("Bonn", 3)), "b", order("old", 4, place("Cork", 5))))
			changed = pack(fields[i].Key, pack("", order("new", 7, place("Rome", 8)), "b", order("new", 9, place("Cork", 10))))
		}
		s := open(t, l, loaded)
		oneByOne, oneByOneOn := loaded, changed
		for range rapid.SampledFrom([]int{1, 10, 100, 400}).Draw(t, "changes") {
			if rapid.IntRange(0, 40).Draw(t, "clock") == 40 {
				now = now.Add(time.Second)
			}
			s.now, other.now = now, now
			ch := ks[i].draw(t, i)
			if rapid.IntRange(0, 60).Draw(t, "clear") == 60 {
				ch = change{name: "Clear", do: func(s *session) { s.Remove(i) }}
			}
			t.Log(ch.name)
			ch.do(s)
			ops := single(ch)
			oneByOne, oneByOneOn = replay(other, oneByOne, ops), replay(other, oneByOneOn, ops)
			switch rapid.IntRange(0, 9).Draw(t, "look") {
			case 0:
				want := open(t, l, oneByOne)
				if want.now = now; s.Has(i) != want.Has(i) {
					t.Fatalf("has: %v", s.Has(i))
				}
			case 1:
				if ks[i].field.Type == Map {
					k := words.Draw(t, "key")
					got, ok := Lookup(&s.Fields, i, k, (*Writer).String, (*Reader).Value)
					want, found := Lookup(&open(t, l, oneByOne).Fields, i, k, (*Writer).String, (*Reader).Value)
					if ok != found || ks[i].field.Shape == nil && !bytes.Equal(got, want) {
						t.Fatalf("under %q: % x, %v, want % x, %v", k, got, ok, want, found)
					}
				}
			case 2:
				s.Add(0, 1)
				s.Add(0, ^uint64(0))
				s.Remove(0)
			case 3:
				if got, want := s.value(i), open(t, l, oneByOne).value(i); !bytes.Equal(got, want) {
					t.Fatalf("% x\nwant % x", got, want)
				}
			case 4:
				if rapid.IntRange(0, 9).Draw(t, "abort") == 0 {
					changes, err := s.Begin()
					if err != nil {
						t.Fatal(err)
					}
					s.Abort(changes)
				}
			}
		}
		changes, err := s.Begin()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			what       string
			base, want []byte
		}{
			{"on what was loaded", loaded, oneByOne}, {"on a copy of it", bytes.Clone(loaded), oneByOne}, {"on what it has become", changed, oneByOneOn},
		} {
			if got := replay(s, c.base, changes); !bytes.Equal(got, c.want) {
				t.Fatalf("%s, %d ops:\n% x\nwant\n% x", c.what, len(changes.ops), got, c.want)
			}
		}
	})
}

// Stored by a stranger: keys in no order, one of them twice.
func TestAMapInNoOrderIsPutInOrderByTheFirstChange(t *testing.T) {
	l := layout(t, Field{Name: "M", Key: "m", Type: Map, Check: checkDict})
	base := pack("m", []byte{0x84, 0xa1, 'c', 0xa1, '1', 0xa1, 'a', 0xa1, '2', 0xa1, 'c', 0xa1, '3', 0xa1, 'b', 0xa1, '4'})
	s := open(t, l, base)
	for range 3 {
		if v, ok := Lookup(&s.Fields, 0, "c", (*Writer).String, (*Reader).String); v != "3" || !ok {
			t.Errorf("c is %q, %v", v, ok)
		}
	}
	put(s, 0, "a", "new")
	want := pack("m", pack("a", str("new"), "b", str("4"), "c", str("3")))
	if next := s.save(t, base); !bytes.Equal(next, want) {
		t.Errorf("%q\nwant %q", next, want)
	}
}
