package session

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/token"
)

var rosterTime = time.Date(2030, 1, 2, 3, 4, 5, 600_000_000, time.UTC)

// sums returns the sums of a roster's entries, by their first byte.
func sums(r *roster) (all []byte) {
	for _, e := range r.entries {
		all = append(all, e.sum[0])
	}
	return all
}

func rosterOf(devices ...byte) *roster {
	r := new(roster)
	for i, d := range devices {
		r.add(device{d}, token.Sum{d}, rosterTime.Add(time.Duration(i)*time.Second).UnixMilli(), rosterTime.Add(time.Hour))
	}
	return r
}

func TestARosterIsWhatWasEncoded(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 50 {
		var r roster
		if n%2 == 1 {
			r.ended = time.Unix(0, rng.Int64())
		}
		for range n {
			var e entry
			for i := range e.sum {
				e.sum[i] = byte(rng.Uint32())
			}
			for i := range e.device {
				e.device[i] = byte(rng.Uint32())
			}
			e.login, e.end, e.generation = rng.Int64N(1<<48), rng.Int64N(1<<40), byte(rng.Uint32())
			r.entries = append(r.entries, e)
		}
		plain := r.encode()
		got, ok := parseRoster(plain)
		if !ok || !reflect.DeepEqual(got, r) {
			t.Fatalf("%+v became %+v", r, got)
		}
		if len(plain) != rosterHeader+n*entrySize {
			t.Errorf("%d entries take %d bytes", n, len(plain))
		}
		for _, e := range r.entries {
			if !lists(plain, e.sum, time.Unix(e.end-1, 0)) {
				t.Errorf("an entry is not listed")
			}
			if lists(plain, e.sum, time.Unix(e.end, 0)) {
				t.Errorf("an entry is listed past its end")
			}
		}
		if lists(plain, token.Sum{}, time.Unix(0, 0)) {
			t.Error("what has no entry is listed")
		}
	}
}

func TestWhatIsNoRosterIsRefused(t *testing.T) {
	whole := rosterOf(1, 2).encode()
	for n := range len(whole) {
		if _, ok := parseRoster(whole[:n]); ok != (n == rosterHeader || n == rosterHeader+entrySize) {
			t.Errorf("%d bytes: %v", n, ok)
		}
	}
	for kind := range byte(kindRoster) {
		if _, ok := parseRoster(append([]byte{kind}, whole[1:]...)); ok {
			t.Errorf("a record of kind %d is taken for a roster", kind)
		}
	}
	if _, ok := parseRoster(append(bytes.Clone(whole), 0)); ok {
		t.Error("a byte too many")
	}
}

func TestALaterLoginIsLaterWhateverTheClocksSay(t *testing.T) {
	r := new(roster)
	for i := range byte(5) {
		r.add(device{i + 1}, token.Sum{i + 1}, rosterTime.Add(-time.Duration(i)*time.Hour).UnixMilli(), rosterTime.Add(time.Hour))
	}
	var order []byte
	for _, entries := range r.devices() {
		order = append(order, entries[0].device[0])
	}
	if !slices.Equal(order, []byte{1, 2, 3, 4, 5}) {
		t.Errorf("in the order %v", order)
	}
}

func TestARosterLivesAsLongAsItsLastSession(t *testing.T) {
	r := rosterOf(1)
	r.add(device{2}, token.Sum{2}, rosterTime.UnixMilli(), rosterTime.Add(3*time.Hour))
	if ttl := r.ttl(rosterTime, time.Minute); ttl < 3*time.Hour || ttl > 3*time.Hour+time.Second {
		t.Errorf("ttl %v", ttl)
	}
	r.expire(rosterTime.Add(2 * time.Hour))
	if !slices.Equal(sums(r), []byte{2}) {
		t.Errorf("left: %v", sums(r))
	}
	r.expire(rosterTime.Add(3 * time.Hour))
	if len(r.entries) != 1 {
		t.Error("it has ended before its time")
	}
	r.expire(rosterTime.Add(3*time.Hour + 2*time.Second))
	if len(r.entries) != 0 || r.ttl(rosterTime, time.Minute) <= 0 {
		t.Errorf("left: %v", sums(r))
	}
	r.endUnmarked(rosterTime)
	if ttl := r.ttl(rosterTime.Add(time.Minute), time.Hour); ttl != 59*time.Minute {
		t.Errorf("an EndAll is remembered for %v", ttl)
	}
	r.endUnmarked(rosterTime.Add(-time.Hour))
	if !r.ended.Equal(rosterTime) {
		t.Error("an EndAll of a slow clock takes back an earlier one")
	}
}

func TestARenewalStandsBesideTheRecordThatItGoesOnFrom(t *testing.T) {
	end := rosterTime.Add(time.Hour)
	r := rosterOf(1, 2)
	renew := func(old, next byte) {
		t.Helper()
		if !r.renew(token.Sum{old}, token.Sum{next}, end) {
			t.Fatalf("%d is not listed", old)
		}
	}
	want := func(want ...byte) {
		t.Helper()
		if got := sums(r); !slices.Equal(got, want) {
			t.Errorf("listed: %v, want %v", got, want)
		}
		if n := len(r.devices()); n != 2 {
			t.Errorf("%d logins", n)
		}
	}
	renew(1, 11)
	want(1, 2, 11)
	renew(1, 12) // another renewal of the same record, under way or broken off: either may be acknowledged
	want(1, 2, 11, 12)
	renew(12, 13) // 12 was: nobody comes with 1 or 11 any more
	want(2, 12, 13)
	for i := range byte(200) {
		renew(13+i, 14+i)
		want(2, 13+i, 14+i)
	}
	if r.renew(token.Sum{1}, token.Sum{99}, end) {
		t.Error("what is not listed was renewed")
	}
}

func TestRenewalsThatWereBrokenOffDoNotPileUp(t *testing.T) {
	r := rosterOf(1)
	for i := range 3 * maxSiblings {
		if !r.renew(token.Sum{1}, token.Sum{2, byte(i), byte(i >> 8)}, rosterTime.Add(time.Hour)) {
			t.Fatal("the session that they were of is not listed any more")
		}
	}
	if n := len(r.entries); n != 1+maxSiblings {
		t.Errorf("%d entries", n)
	}
	if last := r.entries[len(r.entries)-1].sum; last != (token.Sum{2, byte(3*maxSiblings - 1)}) {
		t.Errorf("the last is %v", last[:3])
	}
}

func TestAMarkIsWhatWasEncoded(t *testing.T) {
	m := mark{kind: 7, roster: token.Roster{1, 2}, device: device{3}, key: []byte("user_id")}
	if got := m.encode(); len(got) != markHeader+len(m.key) {
		t.Errorf("%d bytes", len(got))
	}
	if n := len(m.device.String()); n != 11 {
		t.Errorf("a device of %d characters", n)
	}
}
