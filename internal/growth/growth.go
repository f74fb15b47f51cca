// Package growth is for benchmarks of what many operations cost, against one that does the same at once.
package growth

import (
	"slices"
	"testing"
	"time"
)

// Compare takes times in turns, so that both see the same machine, of setting a whole of n elements and of the n
// operations that make it, and reports their medians for an element as "ns/element-of-whole" and "ns/operation", and
// how many times the first the second is as "times-whole".
func Compare(b *testing.B, n int, whole, each func() time.Duration) {
	b.Helper()
	var once, all []time.Duration
	for b.Loop() {
		once = append(once, whole())
		all = append(all, each())
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(once)/float64(n), "ns/element-of-whole")
	b.ReportMetric(median(all)/float64(n), "ns/operation")
	b.ReportMetric(median(all)/median(once), "times-whole")
}

func median(d []time.Duration) float64 {
	slices.Sort(d)
	return float64(d[len(d)/2])
}
