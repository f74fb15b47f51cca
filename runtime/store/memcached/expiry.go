package memcached

import (
	"math"
	"time"
)

// maxRelative is the longest exptime that memcached takes as seconds from now; anything greater is a Unix time
// (protocol.txt, "Expiration times").
const maxRelative = 30 * 24 * time.Hour

// exptime is a ttl as memcached wants it. Its clock ticks once a second: an item set for n seconds lives between n-1
// and n. So one second is added to the ttl rounded up, and no record is gone before its time, nor there two seconds
// after, but where a tick comes so late that the clock skips a second: on a machine with much else to do.
//
// A Unix time needs no second more, because memcached's clock, seen as one, never runs ahead of the true time. The
// result is never 0, which would mean for ever, and never negative, which would mean at once.
func exptime(now func() time.Time, ttl time.Duration) int32 {
	seconds := ceilSeconds(max(ttl, 1)) + 1
	if seconds > int64(maxRelative/time.Second) {
		end := now().Add(ttl)
		seconds = end.Unix()
		if end.Nanosecond() > 0 {
			seconds++
		}
	}
	return int32(min(seconds, math.MaxInt32)) // from 2038 on the client's type holds no later time
}

// ceilSeconds cannot overflow, as adding a second less a nanosecond could.
func ceilSeconds(d time.Duration) int64 {
	s := int64(d / time.Second)
	if d%time.Second > 0 {
		s++
	}
	return s
}
