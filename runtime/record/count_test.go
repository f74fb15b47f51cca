package record

import (
	"math"
	"testing"
)

func TestACountStopsAtTheEndsOfItsType(t *testing.T) {
	neg := func(v int64) uint64 { return uint64(v) }
	for _, c := range []struct {
		name             string
		typ              Type
		old, delta, want uint64
	}{
		{"one more", Int64, 41, 1, 42},
		{"one less", Int64, 0, neg(-1), neg(-1)},
		{"nothing", Int64, 7, 0, 7},
		{"int8 up", Int8, 100, 100, 127},
		{"int8 down", Int8, neg(-100), neg(-100), neg(-128)},
		{"int8 from below", Int8, neg(-100), 120, 20},
		{"int16 up", Int16, math.MaxInt16, 1, math.MaxInt16},
		{"int32 down", Int32, neg(math.MinInt32), neg(-1), neg(math.MinInt32)},
		{"int64 up", Int64, math.MaxInt64 - 1, 5, math.MaxInt64},
		{"int64 down", Int64, neg(math.MinInt64 + 1), neg(-5), neg(math.MinInt64)},
		{"int64 from end to end", Int64, neg(math.MinInt64), math.MaxInt64, neg(-1)},
		{"duration up", Duration, math.MaxInt64, math.MaxInt64, math.MaxInt64},
		{"int up", Int, math.MaxInt, 1, math.MaxInt},
		{"uint8 up", Uint8, 200, 56, 255},
		{"uint8 to its end", Uint8, 200, 55, 255},
		{"uint16 up", Uint16, math.MaxUint16, math.MaxUint16, math.MaxUint16},
		{"uint32 up", Uint32, 1, math.MaxUint32, math.MaxUint32},
		{"uint up", Uint, math.MaxUint, 1, math.MaxUint},
		{"uint64 up", Uint64, math.MaxUint64 - 1, 2, math.MaxUint64},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := NewLayout([]Field{{Name: "N", Key: "n", Type: c.typ, Counter: true}}, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			f := new(Fields)
			w := f.Work()
			w.Init(l, make([]Slot, 1), &env{at: start})
			f.Add(0, c.old)
			changes, err := w.Begin()
			if err != nil {
				t.Fatal(err)
			}
			base, err := w.Replay(nil, nil, changes)
			if err != nil {
				t.Fatal(err)
			}
			w.Commit(base)
			sum, counted, err := w.CountFrom(nil, base, 0, Changes{}, c.delta)
			if err != nil || sum != c.want {
				t.Errorf("%d, %v, want %d", sum, err, c.want)
			}
			if w.Commit(counted); !f.Has(0) || integerOf(f.value(0)) != c.want {
				t.Errorf("the record has %d", integerOf(f.value(0)))
			}
		})
	}
}
