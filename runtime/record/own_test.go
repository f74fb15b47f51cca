package record

import (
	"bytes"
	"slices"
	"testing"
)

func TestAFieldIsOurOwnOnlyIfNobodyElseHasAPartInIt(t *testing.T) {
	l := layout(t,
		Field{Name: "List", Key: "list", Type: List, Check: checkTexts, Secret: true},
		Field{Name: "Dict", Key: "dict", Type: Map, Check: checkDict, Secret: true},
		Field{Name: "Struct", Key: "struct", Type: Other, Check: (*Reader).Skip, Shape: orderShape, Secret: true},
		Field{Name: "Text", Key: "text", Type: String, Secret: true},
		Field{Name: "Open", Key: "open", Type: String},
	)
	secret := func(f *Field) bool { return f.Secret }
	list := func(elements ...string) []byte { return val(func(w *Writer) { writeTexts(w, elements) }) }
	pairs := func(m map[string]string) []byte { return val(func(w *Writer) { writeDict(w, m) }) }
	ours := order("ours", 0, []byte{0xc0})
	planted := order("planted", 1, []byte{0xc0})

	for _, c := range []struct {
		name string
		base []byte
		do   func(*session)
		want []string // the keys that are left
	}{
		{"nothing is planted", pack("open", str("v")), func(s *session) {
			Append(&s.Fields, 0, []string{"a"}, (*Writer).String)
			put(s, 1, "k", "v")
			raw(s, 2, ours)
			s.SetString(3, "v")
		}, []string{"dict", "list", "open", "struct", "text"}},
		{"what is planted is replaced", pack("dict", pairs(map[string]string{"p": "v"}), "list", list("planted"), "text", str("p")),
			func(s *session) {
				Set(&s.Fields, 0, []string{"a"}, writeTexts)
				Set(&s.Fields, 1, map[string]string{"k": "v"}, writeDict)
				s.SetString(3, "v")
			}, []string{"dict", "list", "text"}},
		{"something is added to what is planted",
			pack("dict", pairs(map[string]string{"p": "v"}), "list", list("planted"), "struct", planted), func(s *session) {
				Append(&s.Fields, 0, []string{"a"}, (*Writer).String)
				put(s, 1, "k", "v")
				raw(s, 2, ours)
			}, nil},
		{"a pair that is planted is put over", pack("dict", pairs(map[string]string{"k": "planted"})),
			func(s *session) { put(s, 1, "k", "v") }, []string{"dict"}},
		{"nothing is changed", pack("open", str("v"), "text", str("planted")), func(s *session) { s.SetString(4, "w") },
			[]string{"open"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, l, c.base)
			c.do(s)
			changes, err := s.Begin()
			if err != nil {
				t.Fatal(err)
			}
			stored, err := s.Replay(nil, c.base, changes)
			if err != nil {
				t.Fatal(err)
			}
			own := s.Own(nil, changes, secret)
			rest, err := s.Without(stored, own, secret)
			if err != nil {
				t.Fatal(err)
			}
			if got := keys(t, rest); !slices.Equal(got, c.want) {
				t.Errorf("left are %v, want %v", got, c.want)
			}
			if again := s.Own(own, Changes{}, secret); !bytes.Equal(again, own) {
				t.Errorf("no changes make of %x %x", own, again)
			}
		})
	}
}
