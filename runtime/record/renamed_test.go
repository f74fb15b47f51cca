package record

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The binaries of this file are generations of one site that renamed a field: first it was called a, then b, then c.
func generations(t *testing.T, ttl time.Duration) (a, ab, b, abc *Layout) {
	return layout(t, Field{Name: "F", Key: "a", Type: String, TTL: ttl}),
		layout(t, Field{Name: "F", Key: "b", Was: []string{"a"}, Type: String, TTL: ttl}),
		layout(t, Field{Name: "F", Key: "b", Type: String, TTL: ttl}),
		layout(t, Field{Name: "F", Key: "c", Was: []string{"b", "a"}, Type: String, TTL: ttl})
}

func TestARenamedFieldIsOneFieldForAllThatKnowAKeyOfIt(t *testing.T) {
	for _, ttl := range []time.Duration{0, time.Hour} {
		a, ab, b, abc := generations(t, ttl)
		acb := layout(t, Field{Name: "F", Key: "c", Was: []string{"a", "b"}, Type: String, TTL: ttl}) // in another order
		for _, c := range []struct {
			name     string
			binaries []*Layout
			clear    []*Layout // those that clear, too
		}{
			{"one renaming", []*Layout{a, ab}, []*Layout{a, ab}},
			{"two renamings at once", []*Layout{a, abc}, []*Layout{a, abc}},
			// The one in the middle cannot tell what the oldest cleared from what the newest never wrote.
			{"two renamings", []*Layout{a, ab, abc}, []*Layout{ab, abc}},
			{"two renamings, in another order", []*Layout{a, ab, acb}, []*Layout{ab, acb}},
			// Who has dropped the option does not know the copies: what it clears, others find in them.
			{"the option is dropped", []*Layout{ab, b}, []*Layout{ab}},
		} {
			rapid.Check(t, func(t *rapid.T) {
				var base []byte
				value := ""
				for range rapid.IntRange(2, 12).Draw(t, "steps") {
					binary := c.binaries[rapid.IntRange(0, len(c.binaries)-1).Draw(t, "binary")]
					s := open(t, binary, base)
					if got := s.String(0); got != value || s.Has(0) != (value != "") {
						t.Fatalf("%s: %q (has: %v), want %q", c.name, got, s.Has(0), value)
					}
					switch op := rapid.SampledFrom([]string{"set", "clear", "nothing"}).Draw(t, "op"); {
					case op == "set":
						value = rapid.SampledFrom([]string{"one", "two", "three"}).Draw(t, "value")
						s.SetString(0, value)
					case op == "clear" && slices.Contains(c.clear, binary):
						value = ""
						s.Remove(0)
					}
					base = s.save(t, base)
				}
			})
		}
	}
}

func TestARenamedFieldIsWrittenUnderAllItsKeys(t *testing.T) {
	_, _, _, abc := generations(t, 0)
	s := open(t, abc, pack("a", str("old"), "x", num(1)))
	if s.String(0) != "old" {
		t.Errorf("it reads %q", s.String(0))
	}
	if got := keys(t, s.save(t, pack("a", str("old"), "x", num(1)))); len(got) != 2 {
		t.Errorf("untouched, it was rewritten: %q", got)
	}
	s.SetString(0, "new")
	base := s.save(t, pack("a", str("old"), "x", num(1)))
	if got := keys(t, base); len(got) != 4 || got[0] != "a" || got[1] != "b" || got[2] != "c" {
		t.Errorf("keys: %q", got)
	}
	s.Remove(0)
	if got := keys(t, s.save(t, base)); len(got) != 1 || got[0] != "x" {
		t.Errorf("cleared, it left %q", got)
	}
}

func TestWhereTheKeysDifferTheOldOnesCounts(t *testing.T) {
	_, ab, _, abc := generations(t, 0)
	for _, c := range []struct {
		name string
		l    *Layout
		base []byte
		want string
	}{
		{"both bare", ab, pack("a", str("old"), "b", str("new")), "old"},
		{"only the new one", ab, pack("b", str("new")), "new"},
		{"only the old one", ab, pack("a", str("old")), "old"},
		{"the oldest of three", abc, pack("a", str("oldest"), "c", str("new")), "oldest"},
		{"the middle one of three", abc, pack("b", str("middle"), "c", str("new")), "middle"},
		{"equal", abc, pack("a", str("v"), "b", str("v"), "c", str("v")), "v"},
	} {
		if got := open(t, c.l, c.base).String(0); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestARenamingThatWasRolledBackAndMadeAnewFindsTheValue(t *testing.T) {
	_, ab, _, _ := generations(t, 0)
	ac := layout(t, Field{Name: "F", Key: "c", Was: []string{"a"}, Type: String})
	s := open(t, ab, nil)
	s.SetString(0, "v")
	if got := open(t, ac, s.save(t, nil)).String(0); got != "v" {
		t.Errorf("it reads %q", got)
	}
}

func TestTheNewestBinarySeesWhatTheOldestClearedOfTheMiddleOnes(t *testing.T) {
	a, ab, _, abc := generations(t, 0)
	s := open(t, ab, nil)
	s.SetString(0, "v")
	base := s.save(t, nil)
	s = open(t, a, base)
	s.Remove(0)
	base = s.save(t, base)
	for name, l := range map[string]*Layout{"middle": ab, "newest": abc} {
		if got := open(t, l, base); got.Has(0) {
			t.Errorf("the %s one reads %q", name, got.String(0))
		}
	}
}

func TestARenamedCounterAddsToWhatCounts(t *testing.T) {
	older := layout(t, Field{Name: "N", Key: "hits", Type: Int64})
	newer := layout(t, Field{Name: "N", Key: "visits", Was: []string{"hits"}, Type: Int64})
	var base []byte
	for i := range 100 {
		l := older
		if i%3 == 0 {
			l = newer
		}
		s := open(t, l, base)
		s.Add(0, 1)
		base = s.save(t, base)
	}
	if a, b := open(t, older, base).Int64(0), open(t, newer, base).Int64(0); a != 100 || b != 100 {
		t.Errorf("%d and %d, want 100", a, b)
	}
}
