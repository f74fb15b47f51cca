package record

import (
	"testing"
)

// The structs of this file grow: version 2 knows "new" at every depth, version 1 does not.
//
//	type Place struct { City string; New int64 }
//	type Order struct { New int64; Note string; Ship Place; Stops map[string]Place }
var (
	placeShape = &Shape{}
	orderShape = &Shape{Members: []Member{
		{Key: "ship", Shape: placeShape},
		{Key: "stops", Shape: &Shape{Values: placeShape}},
	}}
)

func place(city string, extra int64) []byte {
	if extra == 0 {
		return pack("city", str(city))
	}
	return pack("city", str(city), "new", num(extra))
}

func order(note string, extra int64, ship []byte, stops ...any) []byte {
	if extra == 0 {
		return pack("note", str(note), "ship", ship, "stops", pack(stops...))
	}
	return pack("new", num(extra), "note", str(note), "ship", ship, "stops", pack(stops...))
}

// raw sets a field to bytes.
func raw(s *session, i int, b []byte) {
	Set(&s.Fields, i, b, func(w *Writer, b []byte) { w.b = append(w.b, b...) })
}

func shapes(t *testing.T) *Layout {
	skip := (*Reader).Skip
	return layout(t, Field{Name: "Order", Key: "order", Type: Other, Check: skip, Shape: orderShape},
		Field{Name: "Orders", Key: "orders", Type: Map, Check: skip, Shape: &Shape{Values: orderShape}},
		Field{Name: "List", Key: "list", Type: List, Check: skip})
}

func TestMembersThatOnlyANewerBinaryKnowsSurviveASetAtEveryDepth(t *testing.T) {
	l := shapes(t)
	base := pack("order", order("old", 1, place("Rome", 2), "a", place("Oslo", 3), "b", place("Bern", 4)))
	s := open(t, l, base)
	raw(s, 0, order("note", 0, place("Paris", 0), "b", place("Bonn", 0), "c", place("Cork", 0)))
	want := pack("order", order("note", 1, place("Paris", 2), "b", place("Bonn", 4), "c", place("Cork", 0)))
	if next := s.save(t, base); string(next) != string(want) {
		t.Errorf("%q\nwant %q", next, want)
	}
}

func TestAKeyThatIsMissingFromAGoMapWasDeleted(t *testing.T) {
	l := shapes(t)
	base := pack("orders", pack("x", order("old", 1, place("Rome", 2)), "y", order("old", 5, place("Rome", 6))))
	s := open(t, l, base)
	raw(s, 1, pack("y", order("new", 0, place("Rome", 0))))
	want := pack("orders", pack("y", order("new", 5, place("Rome", 6))))
	if next := s.save(t, base); string(next) != string(want) {
		t.Errorf("%q\nwant %q", next, want)
	}
}

func TestAPutKeepsTheUnknownMembersOfItsValueAndOfTheOthers(t *testing.T) {
	l := shapes(t)
	x, y := order("x", 1, place("Rome", 2)), order("y", 3, place("Oslo", 4))
	base := pack("orders", pack("x", x, "y", y))
	s := open(t, l, base)
	value := order("y2", 0, place("Bern", 0))
	Put(&s.Fields, 1, "y", value, (*Writer).String, func(w *Writer, b []byte) { w.b = append(w.b, b...) })
	Put(&s.Fields, 1, "z", value, (*Writer).String, func(w *Writer, b []byte) { w.b = append(w.b, b...) })
	want := pack("orders", pack("x", x, "y", order("y2", 3, place("Bern", 4)), "z", value))
	if next := s.save(t, base); string(next) != string(want) {
		t.Errorf("%q\nwant %q", next, want)
	}
	Delete(&s.Fields, 1, "x", (*Writer).String)
	Put(&s.Fields, 1, "x", value, (*Writer).String, func(w *Writer, b []byte) { w.b = append(w.b, b...) })
	want = pack("orders", pack("x", value, "y", order("y2", 3, place("Bern", 4)), "z", value))
	if next := s.save(t, want); string(next) != string(want) {
		t.Errorf("deleted and put anew: %q\nwant %q", next, want)
	}
}

func TestElementsOfASliceThatIsSetAreReplacedWholeAndOfOneThatIsAppendedToStay(t *testing.T) {
	l := shapes(t)
	base := pack("list", append([]byte{0x91}, place("Rome", 1)...))
	s := open(t, l, base)
	Append(&s.Fields, 2, [][]byte{place("Oslo", 0)}, func(w *Writer, b []byte) { w.b = append(w.b, b...) })
	want := pack("list", append(append([]byte{0x92}, place("Rome", 1)...), place("Oslo", 0)...))
	if next := s.save(t, base); string(next) != string(want) {
		t.Errorf("%q\nwant %q", next, want)
	}
	s = open(t, l, base)
	raw(s, 2, append([]byte{0x91}, place("Rome", 0)...))
	want = pack("list", append([]byte{0x91}, place("Rome", 0)...))
	if next := s.save(t, base); string(next) != string(want) {
		t.Errorf("%q\nwant %q", next, want)
	}
}

func TestNilAndClearDropTheUnknownMembers(t *testing.T) {
	l := shapes(t)
	base := pack("order", order("old", 1, place("Rome", 2)))
	fresh := order("new", 0, place("Rome", 0))
	for name, forget := range map[string]func(*session){
		"Clear": func(s *session) { s.Remove(0) },
		"nil":   func(s *session) { raw(s, 0, []byte{0xc0}) },
	} {
		s := open(t, l, base)
		forget(s)
		raw(s, 0, fresh)
		if next := s.save(t, base); string(next) != string(pack("order", fresh)) {
			t.Errorf("%s, then a set: %q", name, next)
		}
	}
	orders := pack("orders", pack("x", order("old", 1, place("Rome", 2))))
	put := func(s *session, v []byte) {
		Put(&s.Fields, 1, "x", v, (*Writer).String, func(w *Writer, b []byte) { w.b = append(w.b, b...) })
	}
	s := open(t, l, orders)
	put(s, order("no ship", 0, []byte{0xc0}))
	put(s, order("ship", 0, place("Oslo", 0)))
	if next := s.save(t, orders); string(next) != string(pack("orders", pack("x", order("ship", 1, place("Oslo", 0))))) {
		t.Errorf("a nil within, then a value: %q", next)
	}
	s = open(t, l, base)
	raw(s, 0, []byte{0xc0})
	if next := s.save(t, base); string(next) != string(pack("order", []byte{0xc0})) {
		t.Errorf("nil: %q", next)
	}
}

func TestAReplayKeepsUnknownMembersThatCameMeanwhile(t *testing.T) {
	l := shapes(t)
	s := open(t, l, pack("order", order("old", 0, place("Rome", 0))))
	raw(s, 0, order("ours", 0, place("Paris", 0)))
	newer := pack("order", order("theirs", 7, place("Bern", 8)))
	want := pack("order", order("ours", 7, place("Paris", 8)))
	if next := s.save(t, newer); string(next) != string(want) {
		t.Errorf("%q\nwant %q", next, want)
	}
}

func TestMergingWhatHasAnotherFormTakesTheNewValue(t *testing.T) {
	next := order("n", 0, place("Rome", 0))
	for _, prev := range [][]byte{nil, {0xc0}, {0x90}, num(1), str("x"), {0x80}, {0x81}, {0x81, 0xa1}, {0xdf, 0xff, 0xff, 0xff, 0xff},
		pack("ship", num(1)), pack("ship", []byte{0x81})} {
		got := orderShape.merge(prev, next)
		if string(got) != string(next) {
			t.Errorf("% x: %q", prev, got)
		}
	}
}

// Two sets in a row are as one only if the first has not dropped what the second would have kept.
func TestASetThatDropsAStructIsNotReplacedByTheNext(t *testing.T) {
	l := shapes(t)
	base := pack("order", order("old", 1, place("Rome", 2), "a", place("Oslo", 3)))
	for name, c := range map[string]struct {
		first []byte
		want  []byte
	}{
		"all are there":     {order("x", 0, place("x", 0), "a", place("x", 0)), order("note", 1, place("Paris", 2), "a", place("Bonn", 3))},
		"a member is nil":   {order("x", 0, []byte{0xc0}, "a", place("x", 0)), order("note", 1, place("Paris", 0), "a", place("Bonn", 3))},
		"a key is missing":  {order("x", 0, place("x", 0)), order("note", 1, place("Paris", 2), "a", place("Bonn", 0))},
		"the whole was nil": {[]byte{0xc0}, order("note", 0, place("Paris", 0), "a", place("Bonn", 0))},
	} {
		s := open(t, l, base)
		raw(s, 0, c.first)
		raw(s, 0, order("note", 0, place("Paris", 0), "a", place("Bonn", 0)))
		if next := s.save(t, base); string(next) != string(pack("order", c.want)) {
			t.Errorf("%s: %q\nwant %q", name, next, pack("order", c.want))
		}
	}
}
