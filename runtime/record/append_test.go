package record

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// writeByMarshaller writes what Writer.String does.
func writeByMarshaller(w *Writer, v string) { WriteText(w, textBomb{bomb(v)}) }

// A hook is a value of a type whose marshaller does something beside.
type hook struct {
	text string
	do   func()
}

func (h hook) marshal() ([]byte, error) {
	h.do()
	return []byte(h.text), nil
}
func (h hook) MarshalText() ([]byte, error)   { return h.marshal() }
func (h hook) MarshalBinary() ([]byte, error) { return h.marshal() }
func (h hook) MarshalJSON() ([]byte, error) {
	text, err := h.marshal()
	return fmt.Appendf(nil, "%q", text), err
}

// Each is an element: a text, or what holds one and is read as one here.
var hookWriters = map[string]func(*Writer, hook){
	"text":   func(w *Writer, h hook) { WriteText(w, h) },
	"binary": func(w *Writer, h hook) { WriteBinary(w, h) },
	"json":   func(w *Writer, h hook) { WriteJSON(w, h) },
	"member": func(w *Writer, h hook) { w.Map(1); w.Key("member"); WriteText(w, h) },
	"key": func(w *Writer, h hook) {
		WriteTextMap(w, map[string]hook{h.text: h}, func(w *Writer, _ string) { WriteText(w, h) }, func(w *Writer, h hook) { w.Int(1) })
	},
	"key and value": func(w *Writer, h hook) {
		WriteTextMap(w, map[string]hook{h.text: h}, func(w *Writer, _ string) { WriteText(w, h) }, func(w *Writer, h hook) { WriteText(w, h) })
	},
}

// A marshaller is foreign code: it may use the session that its value is appended to.
func TestAMarshallerOfAnElementMayUseTheSession(t *testing.T) {
	l := layout(t, Field{Name: "L", Key: "l", Type: List, Check: (*Reader).Skip}, Field{Name: "T", Key: "t", Type: List, Check: checkTexts})
	plain := func(w *Writer, v string) { WriteText(w, hook{v, func() {}}) }
	for name, write := range hookWriters {
		for before := range 4 { // appends: the first makes the op, the second the room behind it
			for doing, do := range map[string]func(*session){
				"nothing":                  func(*session) {},
				"reads the list":           func(s *session) { s.value(0) },
				"reads whether it is":      func(s *session) { s.Has(0) },
				"appends to another list":  func(s *session) { appendText(s, 1, "other"); appendText(s, 1, "other") },
				"saves":                    func(s *session) { s.save(t, nil) },
				"begins and gives up":      func(s *session) { changes, _ := s.Begin(); s.Abort(changes) },
				"appends to the same list": func(s *session) { Append(&s.Fields, 0, []string{"inner"}, plain) },
				"appends in place":         func(s *session) { appendText(s, 0, "inner"); appendText(s, 0, strings.Repeat("x", 100)) },
			} {
				s := open(t, l, nil)
				for range before {
					Append(&s.Fields, 0, []string{"before"}, (*Writer).String)
				}
				count := func() int { n, _ := NewReader(s.value(0)).Array(); return n }
				calls, inner := 0, 0
				work := func() {
					calls++
					had := count()
					do(s)
					inner += count() - had
				}
				got := make(chan []byte)
				go func() {
					Append(&s.Fields, 0, []hook{{"first", work}, {"second", work}}, write)
					Append(&s.Fields, 0, []hook{{"third", func() {}}}, write)
					got <- s.value(0)
				}()
				select {
				case list := <-got:
					r := NewReader(list)
					if n, _ := r.Array(); n != before+inner+3 || calls < 2 {
						t.Errorf("%s, after %d, %s: %d elements, %d by the marshaller, which ran %d times", name, before, doing, n, inner, calls)
					}
					for r.Skip(); r.err == nil && len(r.b) > 0; {
						r.Skip()
					}
					if r.err != nil {
						t.Errorf("%s, after %d, %s: % x: %v", name, before, doing, list, r.err)
					}
					s.usable(t, doing)
				case <-time.After(time.Minute):
					t.Fatalf("%s, after %d, %s: it hangs", name, before, doing)
				}
			}
		}
	}
}

// What one call appends stays together, whoever else appends meanwhile.
func TestAppendsOfManyGoroutinesStandOneBehindTheOther(t *testing.T) {
	l := layout(t, Field{Name: "L", Key: "l", Type: List, Check: checkTexts}, Field{Name: "M", Key: "m", Type: List, Check: checkTexts})
	s := open(t, l, nil)
	slow := func(w *Writer, v string) { WriteText(w, hook{v, runtime.Gosched}) }
	const goroutines, each = 8, 100
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			write := (*Writer).String
			if g%2 == 0 {
				write = slow
			}
			for n := range each {
				Append(&s.Fields, n%2, []string{fmt.Sprint(g, n, "a"), fmt.Sprint(g, n, "b")}, write)
				if n%10 == 0 {
					s.Has(n % 2)
				}
			}
		})
	}
	wg.Wait()
	loaded := open(t, l, s.save(t, nil))
	for i := range 2 {
		list := Get(&loaded.Fields, i, texts)
		if len(list) != goroutines*each {
			t.Fatalf("%d elements", len(list))
		}
		var firsts []string
		for pair := range slices.Chunk(list, 2) {
			if pair[1] != strings.TrimSuffix(pair[0], "a")+"b" {
				t.Errorf("side by side: %q", pair)
			}
			firsts = append(firsts, pair[0])
		}
		if slices.Sort(firsts); len(slices.Compact(firsts)) != goroutines*each/2 {
			t.Errorf("some are there twice")
		}
	}
}

// A type with a marshaller is not encoded behind the op: the loop of its appends allocates what one buffer's growth
// does, and no more.
func TestAppendsByAMarshallerAllocateLittleEach(t *testing.T) {
	l := layout(t, Field{Name: "L", Key: "l", Type: List, Check: checkTexts})
	elements := []string{"some text"}
	for name, c := range map[string]struct {
		write func(*Writer, string)
		most  float64
	}{"in place": {(*Writer).String, 0}, "by a marshaller": {writeByMarshaller, 2}} { // the text's bytes, and an interface
		s := open(t, l, nil)
		for range 1000 {
			Append(&s.Fields, 0, elements, c.write)
		}
		if n := testing.AllocsPerRun(100, func() { Append(&s.Fields, 0, elements, c.write) }); n > c.most {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
