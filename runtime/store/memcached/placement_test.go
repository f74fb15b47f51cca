package memcached

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"testing"
	"time"
)

func nodes(names ...string) placement {
	var p placement
	for _, n := range names {
		p = append(p, &node{name: n, hash: hash(n)})
	}
	return p
}

// ids are keys as a Manager makes them.
func ids(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		var b [32]byte
		_, _ = rand.Read(b[:])
		keys[i] = base64.RawURLEncoding.EncodeToString(b[:])
	}
	return keys
}

// placed are the names of the nodes of keys.
func placed(keys []string, p placement) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = p.pick(k).name
	}
	return names
}

// moved is the share of keys that p places on other nodes than before.
func moved(keys, before []string, p placement) float64 {
	n := 0
	for i, k := range keys {
		if p.pick(k).name != before[i] {
			n++
		}
	}
	return float64(n) / float64(len(keys))
}

func TestAChangeOfNodesMovesNoMoreThanItMust(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n /= 10 // chance moves a share by 0.14 % then
	}
	keys := ids(n)
	for _, style := range [][]string{
		{"10.0.0.1:11211", "10.0.0.2:11211", "10.0.0.3:11211", "10.0.0.4:11211", "10.0.0.5:11211"},
		{"127.0.0.1:11211", "127.0.0.1:11212", "127.0.0.1:11213", "127.0.0.1:11214", "127.0.0.1:11215"},
		{"cache-a.example:11211", "cache-b.example:11211", "cache-c.example:11211", "cache-d.example:11211", "/run/memcached.sock"},
	} {
		four, five := nodes(style[:4]...), nodes(style...)
		before := placed(keys, four)
		if share := moved(keys, before, five); share > 0.21 {
			t.Errorf("4 → 5 nodes moves %.2f %%, want at most 21 %%", 100*share)
		} else {
			t.Logf("4 → 5 nodes moves %.2f %%", 100*share)
		}
		for i := range four {
			three := slices.Delete(slices.Clone(four), i, i+1)
			if share := moved(keys, before, three); share > 0.26 {
				t.Errorf("removing node %d of 4 moves %.2f %%, want at most 26 %%", i, 100*share)
			}
		}
		for range 3 {
			shuffled := slices.Clone(four)
			mathrand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			if share := moved(keys, before, shuffled); share != 0 {
				t.Errorf("another order moves %.2f %%", 100*share)
			}
		}

		count := make(map[string]int)
		for _, name := range before {
			count[name]++
		}
		least, most := len(keys), 0
		for _, n := range count {
			least, most = min(least, n), max(most, n)
		}
		t.Logf("the fullest of 4 nodes has %.2f %% more than the emptiest", 100*float64(most-least)/float64(least))
		if len(count) != 4 || float64(most) > 1.05*float64(least) {
			t.Errorf("between %d and %d keys on %d nodes", least, most, len(count))
		}
	}
}

func TestPlacementStaysTheSameFromReleaseToRelease(t *testing.T) {
	p := nodes("10.0.0.1:11211", "10.0.0.2:11211", "10.0.0.3:11211", "10.0.0.4:11211")
	var got string
	for i := range 16 {
		got += p.pick(fmt.Sprintf("session-%d", i)).name[7:8]
	}
	if want := "2144113431214324"; got != want {
		t.Errorf("nodes %s, want %s: records would be looked for where they are not", got, want)
	}
}

func BenchmarkPickOfFour(b *testing.B) {
	p, k := nodes("10.0.0.1:11211", "10.0.0.2:11211", "10.0.0.3:11211", "10.0.0.4:11211"), ids(1)[0]
	b.ReportAllocs()
	for b.Loop() {
		p.pick(k)
	}
}

// fakeClock is a time that a test moves.
type fakeClock struct{ t time.Time }

func (c *fakeClock) now() time.Time { return c.t }
