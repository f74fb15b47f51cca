package main

import (
	"fmt"
	"time"

	"github.com/sessiongen/sessiongen/bench/peer"
)

// sizes measures R and W of records of different sizes, and of sessions with different numbers of fields, each beside
// the bare client with values as long.
func (b *bench) sizes() error {
	const few = 3 // a name, one that has the bytes, a counter
	var bySize, byFields []sized
	for _, size := range []int{200, 2_000, 20_000, 200_000} {
		bySize = append(bySize, sized{few, size})
	}
	for _, fields := range []int{2, 20, 200} {
		const each = 10
		byFields = append(byFields, sized{fields, each * (fields - 2)})
	}
	for _, w := range []workload{read, write} {
		if err := b.sizeTable(w, "bytes in the session", bySize, func(s sized) int { return s.bytes }); err != nil {
			return err
		}
		if err := b.sizeTable(w, "fields of ten bytes", byFields, func(s sized) int { return s.fields }); err != nil {
			return err
		}
	}
	return nil
}

type sized struct{ fields, bytes int }

// sizeTable has a row for each kind of session. What a unit costs is what the row has beyond the row before.
func (b *bench) sizeTable(w workload, unit string, kinds []sized, units func(sized) int) error {
	t := &table{
		title: fmt.Sprintf("%s by the number of %s; memcached on TCP", w.key, unit),
		head:  []string{unit, "stored", "bare µs", "µs", "× bare", "range", "CPU µs beyond bare", "ns for each more", "allocs", "bytes"},
	}
	last, lastUnits := 0.0, 0
	for _, k := range kinds {
		ours, err := peer.OursOfSize(b.tcp.Addr, k.fields, k.bytes)
		if err != nil {
			return err
		}
		stored, err := storedSize(ours)
		if err != nil {
			return err
		}
		g, err := b.measureWorkload(w, place{
			where: onTCP, server: b.tcp, contenders: []peer.Contender{peer.Bare(b.tcp.Addr, stored), ours},
			time: b.pick(500*time.Millisecond, 5*time.Second),
		})
		if err != nil {
			return err
		}
		bare, r := &g.results[0], &g.results[1]
		over, beyond := r.Wall.Over(bare.Wall), r.CPU.Less(bare.CPU).Median()
		each := "–"
		if lastUnits > 0 {
			each = digits((beyond - last) / float64(units(k)-lastUnits))
		}
		last, lastUnits = beyond, units(k)
		t.add(fmt.Sprint(units(k)), fmt.Sprint(stored), micros(bare.Wall.Median()), micros(r.Wall.Median()), digits(over.Median()),
			span(over, 1), micros(beyond), each, fmt.Sprintf("%.0f", r.allocs), fmt.Sprintf("%.0f", r.bytes))
	}
	b.report.publish(t)
	return nil
}
