package record

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A cell is what a field should be, in plain Go: the model that records are compared with.
type cell struct {
	value any // nil: absent
	end   time.Time
}

func (c *cell) at(now time.Time) any {
	if c.value == nil || !c.end.IsZero() && !now.Before(c.end) {
		return nil
	}
	return c.value
}

// update makes a new value of the old one, or of none, as a handler did at some time.
func (c *cell) update(now time.Time, ttl time.Duration, f func(old any) any) {
	old := c.at(now)
	v := f(old)
	switch {
	case v == nil && old == nil:
	case v == nil:
		*c = cell{}
	case old == nil && ttl > 0:
		*c = cell{v, now.Add(ttl)}
	case old == nil:
		*c = cell{value: v}
	default:
		c.value = v
	}
}

func (c *cell) set(now time.Time, ttl time.Duration, v any) {
	*c = cell{value: v}
	if ttl > 0 {
		c.end = now.Add(ttl)
	}
}

// A change is one thing that a handler does: to the fields, and to the model.
type change struct {
	name  string
	field int
	do    func(*session)
	model func(c *cell, now time.Time, ttl time.Duration)
}

// A kind of field: its changes, and how it is read.
type kind struct {
	field Field
	read  func(s *session, i int) any
	draw  func(t *rapid.T, i int) change
}

const shortTTL = 5 * time.Second

// rapid prefers what comes first.
var steps = rapid.SampledFrom([]string{"change", "save", "clock", "change", "change", "failed save", "change"})

var words = rapid.SampledFrom([]string{"", "a", "b", "c", "a longer one, of more than thirty-one bytes"})

func counterKind(typ Type, ttl time.Duration, read func(*session, int) int64, set func(*session, int, int64), wrap func(int64) int64) kind {
	return kind{
		field: Field{Type: typ, Counter: true, TTL: ttl},
		read:  func(s *session, i int) any { return read(s, i) },
		draw: func(t *rapid.T, i int) change {
			n := rapid.SampledFrom([]int64{0, 1, -1, 100, -100, 1 << 20, 1<<62 + 1}).Draw(t, "n")
			if rapid.IntRange(0, 3).Draw(t, "set") == 3 {
				v := wrap(n)
				return change{fmt.Sprintf("Set(%d)", v), i, func(s *session) { set(s, i, v) },
					func(c *cell, now time.Time, ttl time.Duration) { c.set(now, ttl, v) }}
			}
			return change{fmt.Sprintf("Add(%d)", n), i, func(s *session) { s.Add(i, uint64(n)) },
				func(c *cell, now time.Time, ttl time.Duration) {
					c.update(now, ttl, func(old any) any {
						v, _ := old.(int64)
						return wrap(v + n)
					})
				}}
		},
	}
}

func stringKind(ttl time.Duration, was ...string) kind {
	return kind{
		field: Field{Type: String, TTL: ttl, Was: was},
		read:  func(s *session, i int) any { return s.String(i) },
		draw: func(t *rapid.T, i int) change {
			v := words.Draw(t, "v")
			return change{fmt.Sprintf("Set(%q)", v), i, func(s *session) { s.SetString(i, v) },
				func(c *cell, now time.Time, ttl time.Duration) { c.set(now, ttl, v) }}
		},
	}
}

func listKind(ttl time.Duration) kind {
	return kind{
		field: Field{Type: List, Check: checkTexts, TTL: ttl},
		read:  func(s *session, i int) any { return Get(&s.Fields, i, texts) },
		draw: func(t *rapid.T, i int) change {
			v := rapid.SliceOfN(words, 0, 3).Draw(t, "v")
			switch rapid.IntRange(0, 4).Draw(t, "op") {
			case 0:
				return change{fmt.Sprintf("Set(%q)", v), i, func(s *session) { Set(&s.Fields, i, v, writeTexts) },
					func(c *cell, now time.Time, ttl time.Duration) { c.set(now, ttl, v) }}
			case 1:
				return change{"Set(nil)", i, func(s *session) { Set(&s.Fields, i, nil, writeTexts) },
					func(c *cell, now time.Time, ttl time.Duration) { c.set(now, ttl, []string(nil)) }}
			}
			write := rapid.SampledFrom([]func(*Writer, string){(*Writer).String, (*Writer).String, writeByMarshaller}).Draw(t, "write")
			return change{fmt.Sprintf("Append(%q)", v), i, func(s *session) { Append(&s.Fields, i, v, write) },
				func(c *cell, now time.Time, ttl time.Duration) {
					if len(v) == 0 {
						return
					}
					c.update(now, ttl, func(old any) any {
						list, _ := old.([]string)
						return append(slices.Clone(list), v...)
					})
				}}
		},
	}
}

func mapKind(ttl time.Duration) kind {
	return kind{
		field: Field{Type: Map, Check: checkDict, TTL: ttl},
		read:  func(s *session, i int) any { return Get(&s.Fields, i, dict) },
		draw: func(t *rapid.T, i int) change {
			k, v := words.Draw(t, "k"), words.Draw(t, "v")
			switch rapid.IntRange(0, 6).Draw(t, "op") {
			case 0:
				m := rapid.MapOfN(words, words, 0, 3).Draw(t, "m")
				return change{fmt.Sprintf("Set(%q)", m), i, func(s *session) { Set(&s.Fields, i, m, writeDict) },
					func(c *cell, now time.Time, ttl time.Duration) { c.set(now, ttl, m) }}
			case 1:
				return change{"Set(nil)", i, func(s *session) { Set(&s.Fields, i, nil, writeDict) },
					func(c *cell, now time.Time, ttl time.Duration) { c.set(now, ttl, map[string]string(nil)) }}
			case 2, 3:
				return change{fmt.Sprintf("Delete(%q)", k), i, func(s *session) { Delete(&s.Fields, i, k, (*Writer).String) },
					func(c *cell, now time.Time, ttl time.Duration) {
						c.update(now, ttl, func(old any) any {
							m, ok := old.(map[string]string)
							if !ok || m == nil {
								return old
							}
							m = maps.Clone(m)
							delete(m, k)
							return m
						})
					}}
			}
			return change{fmt.Sprintf("Put(%q, %q)", k, v), i, func(s *session) { Put(&s.Fields, i, k, v, (*Writer).String, (*Writer).String) },
				func(c *cell, now time.Time, ttl time.Duration) {
					c.update(now, ttl, func(old any) any {
						m := make(map[string]string)
						if o, ok := old.(map[string]string); ok {
							maps.Copy(m, o)
						}
						m[k] = v
						return m
					})
				}}
		},
	}
}

func kinds() []kind {
	i64 := func(v int64) int64 { return v }
	ks := []kind{
		counterKind(Int64, 0, func(s *session, i int) int64 { return s.Int64(i) }, (*session).setInt64, i64),
		counterKind(Int64, shortTTL, func(s *session, i int) int64 { return s.Int64(i) }, (*session).setInt64, i64),
		counterKind(Int8, 0, func(s *session, i int) int64 { return int64(s.Int8(i)) },
			func(s *session, i int, v int64) { s.SetInt8(i, int8(v)) }, func(v int64) int64 { return int64(int8(v)) }),
		counterKind(Uint16, 0, func(s *session, i int) int64 { return int64(s.Uint16(i)) },
			func(s *session, i int, v int64) { s.SetUint16(i, uint16(v)) }, func(v int64) int64 { return int64(uint16(v)) }),
		stringKind(0), stringKind(shortTTL), stringKind(0, "older", "oldest"), stringKind(shortTTL, "once"),
		listKind(0), listKind(shortTTL), mapKind(0), mapKind(shortTTL),
	}
	for i := range ks {
		ks[i].field.Name = fmt.Sprintf("Field%02d", i)
		ks[i].field.Key = fmt.Sprintf("k%02d", (i*7)%len(ks)) // not in the order of the fields
	}
	return ks
}

func (s *session) setInt64(i int, v int64) { s.SetInt64(i, v) }

// A client is a request that holds the session, and what the model says of it.
type client struct {
	session
	uncompacted *session // does the same and keeps every op
	ops         Changes
	loaded      []cell
	pending     []done
}

type done struct {
	change
	at time.Time
}

func (c *client) view(ks []kind) []cell {
	cells := slices.Clone(c.loaded)
	for _, d := range c.pending {
		d.model(&cells[d.field], d.at, ks[d.field].field.TTL)
	}
	return cells
}

// Two requests change one session in any order and save; the clock steps. What is stored, and what each of them sees,
// is what plain Go makes of the same changes; and the log, which forgets what later ops make pointless, ends in the
// same bytes as one that forgets nothing.
func TestRecordsAgreeWithAModel(t *testing.T) {
	ks := kinds()
	var fields []Field
	for _, k := range ks {
		fields = append(fields, k.field)
	}
	l := layout(t, fields...)
	rapid.Check(t, func(t *rapid.T) {
		now := start
		stored, model := []byte(nil), make([]cell, len(ks))
		load := func(c *client) {
			c.Work = c.Fields.Work()
			c.Init(l, make([]Slot, l.Len()), c)
			c.uncompacted = &session{}
			c.uncompacted.Work = c.uncompacted.Fields.Work()
			c.uncompacted.Init(l, make([]Slot, l.Len()), c.uncompacted)
			if stored != nil {
				if err := c.Open(stored); err != nil {
					t.Fatal(err)
				}
			}
			c.loaded = slices.Clone(model)
		}
		agree := func(what string, s *session, cells []cell) {
			for i, k := range ks {
				want := cells[i].at(now)
				if got := k.read(s, i); s.Has(i) != (want != nil) || want != nil && !reflect.DeepEqual(got, want) {
					t.Fatalf("%s: %s is %#v (has: %v), want %#v", what, k.field.Name, got, s.Has(i), want)
				}
			}
		}
		var clients [2]client
		for i := range clients {
			clients[i].now = now
			load(&clients[i])
		}
		few := rapid.SliceOfN(rapid.IntRange(0, len(ks)-1), 1, 2).Draw(t, "fields") // so that their ops meet
		change := func(c *client) {
			i := rapid.SampledFrom(few).Draw(t, "field")
			ch := ks[i].draw(t, i)
			if rapid.IntRange(0, 7).Draw(t, "clear") == 7 {
				ch = change{"Clear", i, func(s *session) { s.Remove(i) }, func(c *cell, _ time.Time, _ time.Duration) { *c = cell{} }}
			}
			t.Logf("%s.%s", ks[i].field.Name, ch.name)
			ch.do(&c.session)
			c.pending = append(c.pending, done{ch, now})
			c.uncompacted.now = now
			ch.do(c.uncompacted)
			ops, err := c.uncompacted.Begin()
			if err != nil {
				t.Fatal(err)
			}
			c.ops.ops = append(c.ops.ops, ops.ops...)
		}
		meanwhile := func(c *client) bool { // another goroutine of the request, during its Save
			if rapid.IntRange(0, 3).Draw(t, "meanwhile") < 3 {
				return false
			}
			change(c)
			return true
		}
		for range rapid.IntRange(10, 60).Draw(t, "steps") {
			c := &clients[rapid.IntRange(0, 1).Draw(t, "client")]
			switch step := steps.Draw(t, "step"); step {
			case "change":
				change(c)
			case "clock":
				now = now.Add(time.Duration(rapid.IntRange(1, 4).Draw(t, "seconds")) * time.Second)
				for i := range clients {
					clients[i].now = now
					clients[i].uncompacted.now = now
				}
			case "failed save":
				changes, err := c.Begin()
				if err != nil {
					t.Fatal(err)
				}
				if _, err := c.Replay(nil, c.Base(), changes); err != nil {
					t.Fatal(err)
				}
				meanwhile(c)
				c.Abort(changes)
			case "save":
				changes, err := c.Begin()
				if err != nil {
					t.Fatal(err)
				}
				pending, ops := c.pending, c.ops
				c.pending, c.ops = nil, Changes{}
				early := meanwhile(c)
				next, err := c.Replay(nil, stored, changes)
				if err != nil {
					t.Fatal(err)
				}
				again, err := c.Replay(nil, bytes.Clone(stored), changes) // as after a conflict
				if err != nil {
					t.Fatal(err)
				}
				if string(next) != string(again) {
					t.Fatalf("the session's own state and the record that it was loaded from end in:\n% x\n% x", next, again)
				}
				whole, err := c.Replay(nil, bytes.Clone(stored), ops)
				if err != nil {
					t.Fatal(err)
				}
				if string(next) != string(whole) {
					t.Fatalf("the log of %d ops and the whole one of %d differ:\n% x\n% x", len(changes.ops), len(ops.ops), next, whole)
				}
				for _, d := range pending {
					d.model(&model[d.field], d.at, ks[d.field].field.TTL)
				}
				for i := range model {
					if model[i].at(now) == nil {
						model[i] = cell{} // what has expired is not stored
					}
				}
				stored = next
				late := meanwhile(c)
				c.Commit(next)
				c.loaded = slices.Clone(model)
				fresh := &client{}
				fresh.now = now
				load(fresh)
				for i := range fresh.slots {
					if early || late {
						break
					}
					if got, want := c.slots[i], fresh.slots[i]; string(got.value.bytes()) != string(want.value.bytes()) || got.deadline != want.deadline ||
						got.stored != want.stored || got.state&dirty != 0 || c.newest(&got) != 0 {
						t.Fatalf("%s after the save is %+v, after a load %+v", ks[i].field.Name, got, want)
					}
				}
				agree("stored", &fresh.session, model)
				if again := (&fresh.session).Replayed(t, stored); string(again) != string(stored) {
					t.Fatalf("a save without changes: % x, want % x", again, stored)
				}
			}
			for i := range clients {
				agree(fmt.Sprintf("client %d", i), &clients[i].session, clients[i].view(ks))
			}
		}
	})
}

// Replayed is what a Save without changes would write.
func (s *session) Replayed(t *rapid.T, base []byte) []byte {
	next, err := s.Replay(nil, base, Changes{})
	if err != nil {
		t.Fatal(err)
	}
	return next
}
