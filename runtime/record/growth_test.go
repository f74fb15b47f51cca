package record

import (
	"fmt"
	"testing"
)

// entries are n keys of a map in an order that is not theirs.
func entryKeys(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("preference-%d", (i*7919)%n)
	}
	return keys
}

// BenchmarkGrowth is what n operations cost, and what it costs to set the whole once, each with a save.
func BenchmarkGrowth(b *testing.B) {
	l := layout(b, Field{Name: "L", Key: "l", Type: List, Check: checkTexts}, Field{Name: "M", Key: "m", Type: Map, Check: checkDict},
		Field{Name: "N", Key: "n", Type: Int64})
	for _, n := range []int{10, 100, 1000, 10_000} {
		keys := entryKeys(n)
		whole := make(map[string]string, n)
		for _, k := range keys {
			whole[k] = "value"
		}
		full := open(b, l, nil)
		Set(&full.Fields, 1, whole, writeDict)
		stored := full.save(b, nil)
		for _, c := range []struct {
			name string
			base []byte
			do   func(*session)
		}{
			{"map/set", nil, func(s *session) { Set(&s.Fields, 1, whole, writeDict) }},
			{"map/put", nil, func(s *session) {
				for _, k := range keys {
					put(s, 1, k, "value")
				}
			}},
			{"map/delete", stored, func(s *session) {
				for _, k := range keys {
					del(s, 1, k)
				}
			}},
			{"map/mixed", nil, func(s *session) {
				for _, k := range keys {
					if _, ok := Lookup(&s.Fields, 1, k, (*Writer).String, (*Reader).String); !ok {
						put(s, 1, k, "value")
					}
					s.Has(1)
					s.Add(2, 1)
				}
			}},
			{"list/set", nil, func(s *session) { Set(&s.Fields, 0, keys, writeTexts) }},
			{"list/append", nil, func(s *session) {
				for i := range keys {
					Append(&s.Fields, 0, keys[i:i+1], (*Writer).String)
				}
			}},
		} {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					s := open(b, l, c.base)
					c.do(s)
					s.save(b, c.base)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/element")
			})
		}
	}
}
