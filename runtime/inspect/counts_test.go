package inspect

import (
	"math"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestABucketIsAnEighthWide(t *testing.T) {
	for _, d := range []time.Duration{0, 1, 7, 8, 9, 15, 16, 17, 1000, time.Millisecond, time.Second, time.Hour, math.MaxInt64} {
		i := bucket(d)
		if most := top(i); most < d || float64(most) > float64(d)*1.125 && most > d {
			t.Errorf("%d is in a bucket that goes up to %d", d, most)
		}
		if i > 0 && top(i-1) >= d {
			t.Errorf("%d would be in the bucket before", d)
		}
	}
}

func TestQuantilesAreWhatSoManyDoNotExceed(t *testing.T) {
	c := newCounts(time.Time{})
	for i := range 1000 {
		c.add(session.Event{Kind: session.Saved, Took: time.Duration(i+1) * time.Microsecond, Bytes: 100, Tries: 1 + i%2})
	}
	c.add(session.Event{Kind: session.Failed, Err: session.ErrConflict, Took: -1})
	c.add(session.Event{Kind: 99})
	rows := c.rows()
	if len(rows) != 2 {
		t.Fatalf("%d rows, want one of each kind that came", len(rows))
	}
	r := rows[0]
	within := func(got, want time.Duration) bool { return got >= want && got <= want+want/8+time.Microsecond }
	if !within(r.P50, 500*time.Microsecond) || !within(r.P95, 950*time.Microsecond) || !within(r.P99, 990*time.Microsecond) {
		t.Errorf("%+v", r)
	}
	if r.N != 1000 || r.Failed != 0 || r.Retried != 500 || r.Bytes != 100 || r.Max != time.Millisecond {
		t.Errorf("%+v", r)
	}
	if r = rows[1]; r.Kind != "failed" || r.Failed != 1 || r.P50 != 0 {
		t.Errorf("%+v", r)
	}
}
