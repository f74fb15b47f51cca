package record

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// A bomb is a type whose own methods panic where the text says so.
type bomb string

func (b bomb) marshal() ([]byte, error) {
	if b == "marshal" {
		panic("in the marshaller")
	}
	return []byte(b), nil
}

func (b *bomb) unmarshal(text []byte) error {
	if string(text) == "unmarshal" {
		var none *bomb
		*none = "a runtime error, as most panics are"
	}
	*b = bomb(text)
	return nil
}

type (
	textBomb   struct{ bomb }
	binaryBomb struct{ bomb }
	jsonBomb   struct{ bomb }
)

func (b textBomb) MarshalText() ([]byte, error)         { return b.marshal() }
func (b *textBomb) UnmarshalText(text []byte) error     { return b.unmarshal(text) }
func (b binaryBomb) MarshalBinary() ([]byte, error)     { return b.marshal() }
func (b *binaryBomb) UnmarshalBinary(text []byte) error { return b.unmarshal(text) }
func (b jsonBomb) MarshalJSON() ([]byte, error) {
	text, err := b.marshal()
	return fmt.Appendf(nil, "%q", text), err
}
func (b *jsonBomb) UnmarshalJSON(text []byte) error { return b.unmarshal(text[1 : len(text)-1]) }
func writeBomb(w *Writer, b bomb)                   { WriteText(w, textBomb{b}) }
func readBomb(r *Reader) bomb                       { var v textBomb; ReadText(r, &v); return v.bomb }
func readBombs(r *Reader) []bomb                    { return ReadSlice[[]bomb](r, readBomb) }
func readBombKeys(r *Reader) map[bomb]string {
	return ReadMap[map[bomb]string](r, readBomb, (*Reader).String)
}
func readBombValues(r *Reader) map[string]bomb {
	return ReadMap[map[string]bomb](r, (*Reader).String, readBomb)
}
func writeBombKeys(w *Writer, m map[bomb]string)        { WriteMap(w, m, writeBomb, (*Writer).String) }
func writeBombValues(w *Writer, m map[string]bomb)      { WriteMap(w, m, (*Writer).String, writeBomb) }
func check[T any](read func(*Reader) T) func(r *Reader) { return func(r *Reader) { read(r) } }
func writeBombs(w *Writer, v []bomb) {
	for _, e := range StartSlice(w, v) {
		writeBomb(w, e)
	}
}

func readMember(r *Reader) (v bomb) {
	for range r.Struct() {
		switch r.Key() {
		case "member":
			v = readBomb(r)
		default:
			r.Skip()
		}
	}
	return v
}

func writeMember(w *Writer, v bomb) {
	w.Map(1)
	w.Key("member")
	writeBomb(w, v)
}

// A place is where a bomb lies in a field: how it gets there, by each way, and how it is read.
type bombPlace struct {
	name string
	typ  Type
	chk  func(*Reader)
	sets []func(*Fields, bomb)
	get  func(*Fields) any
}

func bombPlaces() []bombPlace {
	field := func(name string, write func(*Writer, bomb), read func(*Reader) bomb) bombPlace {
		return bombPlace{name, Other, check(read), []func(*Fields, bomb){func(f *Fields, b bomb) { Set(f, 0, b, write) }},
			func(f *Fields) any { return Get(f, 0, read) }}
	}
	pointer := func(r *Reader) *bomb { return ReadPointer(r, readBomb) }
	return []bombPlace{
		field("text", writeBomb, readBomb),
		field("binary", func(w *Writer, b bomb) { WriteBinary(w, binaryBomb{b}) },
			func(r *Reader) bomb { var v binaryBomb; ReadBinary(r, &v); return v.bomb }),
		field("json", func(w *Writer, b bomb) { WriteJSON(w, jsonBomb{b}) },
			func(r *Reader) bomb { var v jsonBomb; ReadJSON(r, &v); return v.bomb }),
		field("member", writeMember, readMember),
		{"pointer", Other, check(pointer), []func(*Fields, bomb){
			func(f *Fields, b bomb) { Set(f, 0, &b, func(w *Writer, p *bomb) { WritePointer(w, p, writeBomb) }) }},
			func(f *Fields) any {
				if p := Get(f, 0, pointer); p != nil {
					return *p
				}
				return bomb("")
			}},
		{"element", List, check(readBombs), []func(*Fields, bomb){
			func(f *Fields, b bomb) { Set(f, 0, []bomb{"x", b}, writeBombs) },
			func(f *Fields, b bomb) { Append(f, 0, []bomb{"x", b}, writeBomb) },
		}, func(f *Fields) any { return len(Get(f, 0, readBombs)) }},
		{"key", Map, check(readBombKeys), []func(*Fields, bomb){
			func(f *Fields, b bomb) { Set(f, 0, map[bomb]string{b: "v"}, writeBombKeys) },
			func(f *Fields, b bomb) { Put(f, 0, b, "v", writeBomb, (*Writer).String) },
		}, func(f *Fields) any { return len(Get(f, 0, readBombKeys)) }},
		{"value", Map, check(readBombValues), []func(*Fields, bomb){
			func(f *Fields, b bomb) { Set(f, 0, map[string]bomb{"k": b}, writeBombValues) },
			func(f *Fields, b bomb) { Put(f, 0, "k", b, (*Writer).String, writeBomb) },
		}, func(f *Fields) any {
			Lookup(f, 0, "k", (*Writer).String, readBomb)
			return len(Get(f, 0, readBombValues))
		}},
	}
}

// usable fails the test if the lock is held, which would hang whoever comes next.
func (s *session) usable(t *testing.T, after string) {
	t.Helper()
	if !s.Fields.mu.TryLock() {
		t.Fatalf("after %s the session is locked", after)
	}
	s.Fields.mu.Unlock()
}

func TestAnUnmarshallerThatPanicsIsAMisfit(t *testing.T) {
	for _, p := range bombPlaces() {
		for way, set := range p.sets {
			t.Run(fmt.Sprintf("%s/%d", p.name, way), func(t *testing.T) {
				l := layout(t, Field{Name: "F", Key: "f", Type: p.typ, Check: p.chk, Renew: true}, Field{Name: "N", Key: "n", Type: Int64})
				s := open(t, l, nil)
				set(&s.Fields, "unmarshal")
				base := s.save(t, nil)
				for _, s := range []*session{s, open(t, l, base)} {
					zero := p.get(&open(t, l, nil).Fields)
					if got := p.get(&s.Fields); s.Has(0) || s.Privileged() || got != zero {
						t.Errorf("it has %v", got)
					}
					s.usable(t, "looks at it")
					if len(s.misfits) != 1 || s.misfits[0] != "f" {
						t.Errorf("reported: %q", s.misfits)
					}
					s.Add(1, 1)
					if next := s.save(t, base); string(next) != string(pack("f", mustFind(base, "f"), "n", num(1))) {
						t.Errorf("another field's save left % x", next)
					}
				}
				for _, replace := range p.sets {
					s, sure := open(t, l, base), open(t, l, nil)
					replace(&s.Fields, "fine")
					replace(&sure.Fields, "fine")
					if got, want := p.get(&s.Fields), p.get(&sure.Fields); got != want || !s.Has(0) {
						t.Errorf("after a good one it has %v, want %v", got, want)
					}
					changes, err := s.Begin()
					if err != nil {
						t.Fatal(err)
					}
					s.usable(t, "Begin")
					conflict, err := s.Replay(nil, append([]byte(nil), base...), changes) // over the misfit
					if err != nil || string(conflict) != string(sure.save(t, nil)) {
						t.Errorf("a replay over it: % x, %v", conflict, err)
					}
					if value, _, err := s.TakeFrom(nil, base, 0, Changes{}); value != nil || err != nil {
						t.Errorf("taken: % x, %v", value, err)
					}
					s.Abort(changes)
					s.usable(t, "Abort")
				}
			})
		}
	}
}

func mustFind(record []byte, key string) []byte { return find(record, str(key)) }

func TestAMarshallerThatPanicsReachesTheHandlerAndLeavesTheSessionAsItWas(t *testing.T) {
	for _, p := range bombPlaces() {
		for way, set := range p.sets {
			t.Run(fmt.Sprintf("%s/%d", p.name, way), func(t *testing.T) {
				l := layout(t, Field{Name: "F", Key: "f", Type: p.typ, Check: p.chk}, Field{Name: "N", Key: "n", Type: Int64})
				s := open(t, l, nil)
				set(&s.Fields, "fine")
				s.Add(1, 1)
				before := p.get(&s.Fields)
				if got := panicOf(func() { set(&s.Fields, "marshal") }); got != "in the marshaller" {
					t.Errorf("the handler gets %v", got)
				}
				s.usable(t, "the panic")
				if got := p.get(&s.Fields); got != before {
					t.Errorf("the field is %v, was %v", got, before)
				}
				if next := s.save(t, nil); string(find(next, str("n"))) != string(num(1)) {
					t.Errorf("saved % x", next)
				}
			})
		}
	}
	s := open(t, layout(t, Field{Name: "F", Key: "f", Type: Map, Check: check(readBombKeys)}), nil)
	for name, f := range map[string]func(){
		"Lookup": func() { Lookup(&s.Fields, 0, "marshal", writeBomb, (*Reader).String) },
		"Delete": func() { Delete(&s.Fields, 0, "marshal", writeBomb) },
	} {
		Put(&s.Fields, 0, "k", "v", writeBomb, (*Writer).String)
		if panicOf(f) == nil {
			t.Errorf("%s: no panic", name)
		}
		s.usable(t, name)
	}
}

func panicOf(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}

// An env panics, or ends its goroutine, when it is asked for the time or told of something.
type env struct {
	fail func()
	at   time.Time
}

func (e *env) Now() time.Time {
	if e.fail != nil {
		e.fail()
	}
	return e.at
}

func (e *env) Misfit(*Field) { _ = e.Now() }
func (e *env) ChangedLate()  { _ = e.Now() }

func TestAClockOrLoggerThatDoesNotReturnLeavesNothingLocked(t *testing.T) {
	l := layout(t, Field{Name: "S", Key: "s", Type: String, TTL: time.Hour, Renew: true}, Field{Name: "L", Key: "l", Type: List, Check: checkTexts, TTL: time.Hour},
		Field{Name: "M", Key: "m", Type: Map, Check: checkDict, TTL: time.Hour}, Field{Name: "N", Key: "n", Type: Int64, TTL: time.Hour},
		Field{Name: "X", Key: "x", Type: Bool})
	calls := map[string]func(f *Fields){
		"getter":      func(f *Fields) { f.String(0) },
		"getters":     func(f *Fields) { Get(f, 1, texts); f.Int64(3) },
		"misfit":      func(f *Fields) { f.Bool(4) },
		"Has":         func(f *Fields) { f.Has(0) },
		"Has a list":  func(f *Fields) { f.Has(1) },
		"Has misfit":  func(f *Fields) { f.Has(4) },
		"Privileged":  func(f *Fields) { f.Work().Privileged() },
		"Set":         func(f *Fields) { f.SetString(0, "v") },
		"Set a list":  func(f *Fields) { Set(f, 1, []string{"v"}, writeTexts) },
		"Append":      func(f *Fields) { Append(f, 1, []string{"v"}, (*Writer).String) },
		"Put":         func(f *Fields) { Put(f, 2, "k", "v", (*Writer).String, (*Writer).String) },
		"Delete":      func(f *Fields) { Delete(f, 2, "k", (*Writer).String) },
		"Lookup":      func(f *Fields) { Lookup(f, 2, "k", (*Writer).String, (*Reader).String) },
		"Add":         func(f *Fields) { f.Add(3, 1) },
		"TakePending": func(f *Fields) { f.Work().TakePending(0) },
		"TakeFrom":    func(f *Fields) { _, _, _ = f.Work().TakeFrom(nil, f.Work().Base(), 0, Changes{}) },
		"Without":     func(f *Fields) { _, _ = f.Work().Without(f.Work().Base(), nil, func(*Field) bool { return true }) },
		"Own": func(f *Fields) {
			f.Work().Own(nil, Changes{ops: []op{{kind: opClear}}}, func(*Field) bool { return true })
		},
		"late":   func(f *Fields) { f.Work().Close(); f.SetBool(4, true) },
		"Replay": func(f *Fields) { _, _ = f.Work().Replay(nil, f.Work().Base(), Changes{}) },
	}
	for name, call := range calls {
		for how, fail := range map[string]func(){"panic": func() { panic("no time") }, "Goexit": runtime.Goexit} {
			e := &env{at: start}
			f := new(Fields)
			w := f.Work()
			w.Init(l, make([]Slot, l.Len()), e)
			f.SetString(0, "v")
			Set(f, 1, []string{"v"}, writeTexts)
			f.SetInt64(3, 1)
			changes, err := w.Begin()
			if err != nil {
				t.Fatal(err)
			}
			base, err := w.Replay(nil, pack("x", str("no bool")), changes)
			if err != nil {
				t.Fatal(err)
			}
			w.Commit(base)
			e.fail = fail
			var wg sync.WaitGroup
			wg.Go(func() { _ = panicOf(func() { call(f) }) })
			wg.Wait()
			if !f.mu.TryLock() {
				t.Errorf("%s, %s: locked", name, how)
				continue
			}
			f.mu.Unlock()
			e.fail = nil
			f.SetString(0, "new")
			if changes, err = w.Begin(); err != nil {
				t.Errorf("%s, %s: %v", name, how, err)
			} else if _, err := w.Replay(nil, base, changes); err != nil {
				t.Errorf("%s, %s: %v", name, how, err)
			}
		}
	}
}
