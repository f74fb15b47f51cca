package memcached

import (
	"math"
	"testing"
	"time"
)

func TestExptimeIsSecondsFromNowUpToThirtyDaysAndAUnixTimeBeyond(t *testing.T) {
	const day = 24 * time.Hour
	now := time.Date(2030, 1, 1, 0, 0, 0, 1, time.UTC) // a nanosecond into its second
	clock := func() time.Time { return now }
	for _, c := range []struct {
		ttl  time.Duration
		want int64
	}{
		{1, 2},
		{500 * time.Millisecond, 2},
		{time.Second, 2},
		{time.Second + 1, 3},
		{30 * time.Minute, 30*60 + 1},
		{29 * day, 29*86400 + 1},
		{30*day - time.Second, 30 * 86400},
		{30 * day, now.Unix() + 30*86400 + 1},
		{30*day + time.Second, now.Unix() + 30*86400 + 2},
		{400 * day, now.Unix() + 400*86400 + 1},
		{math.MaxInt64, math.MaxInt32},
		{0, 2},  // not a ttl: neither for ever …
		{-1, 2}, // … nor at once
		{math.MinInt64, 2},
	} {
		if got := exptime(clock, c.ttl); int64(got) != c.want {
			t.Errorf("exptime of %v: %d, want %d", c.ttl, got, c.want)
		}
	}
}

func TestExptimeIsNeverShorterThanTheTTLAndNeverTwoSecondsLonger(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 999_999_999, time.UTC)
	clock := func() time.Time { return now }
	for ttl := time.Duration(1); ttl > 0 && ttl < 5*365*24*time.Hour; ttl = ttl*3/2 + 1 {
		e := int64(exptime(clock, ttl))
		if e > int64(maxRelative/time.Second) {
			if end := time.Unix(e, 0); end.Before(now.Add(ttl)) || end.After(now.Add(ttl+2*time.Second)) {
				t.Errorf("a ttl of %v ends at %v", ttl, end)
			}
			continue
		}
		// Set for e seconds, an item lives between e-1 and e.
		if shortest, longest := time.Duration(e-1)*time.Second, time.Duration(e)*time.Second; shortest < ttl || longest > ttl+2*time.Second {
			t.Errorf("a ttl of %v lives between %v and %v", ttl, shortest, longest)
		}
	}
}
