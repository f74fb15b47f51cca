package memcached_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
)

// memcached's own answer to "how long has this item left" (mg key t): neither for ever (-1), nor gone, nor short of the
// ttl, nor more than two seconds beyond it.
func TestMemcachedGivesEachTTLItsTime(t *testing.T) {
	const day = 24 * time.Hour
	server := servertest.Memcached(t)
	s := open(t, server.Addr())
	for i, ttl := range []time.Duration{
		1, 500 * time.Millisecond, time.Second, 30 * time.Minute, 29 * day, 30 * day, 30*day + time.Second, 400 * day,
	} {
		k := fmt.Sprintf("key-%d", i)
		var set time.Time
		check := func(after string) {
			t.Helper()
			line := server.Line("mg " + k + " t") // HD t<seconds>
			seconds, err := strconv.Atoi(strings.TrimPrefix(line, "HD t"))
			if err != nil {
				t.Errorf("%v, after %s: memcached says %q", ttl, after, line)
				return
			}
			t.Logf("%v, after %s: %d s", ttl, after, seconds)
			if left := time.Duration(seconds) * time.Second; seconds < 0 || left < ttl-time.Since(set) || left > ttl+2*time.Second {
				t.Errorf("%v, after %s: %v", ttl, after, left)
			}
		}
		set = time.Now()
		if err := s.Add(t.Context(), k, []byte("one"), ttl); err != nil {
			t.Fatal(err)
		}
		check("add")
		set = time.Now()
		if err := s.Touch(t.Context(), k, ttl); err != nil {
			t.Fatal(err)
		}
		check("touch")
		_, v, err := s.Get(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		set = time.Now()
		if err := s.Swap(t.Context(), k, []byte("two"), v, ttl); err != nil {
			t.Fatal(err)
		}
		check("swap")
	}
}
