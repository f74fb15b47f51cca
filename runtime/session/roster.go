package session

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"time"

	"github.com/sessiongen/sessiongen/runtime/token"
)

// A roster lists the sessions of one owner that are alive: a session that has an owner is alive only while it is listed
// there. So one compare-and-swap ends any number of sessions at one moment, on every server and whatever becomes of
// their own records.
//
// It is a record like a session's, sealed under a key of its own, with
//
//	kind     of a roster
//	ended    when the last EndAll was, in Unix nanoseconds, or 0
//	entries  device, sum of the store key, login (6 bytes of Unix milliseconds), end of life (5 bytes of Unix seconds),
//	         generation
//
// and it is never deleted, so that nothing which was under way for longer than its entries live can bring one back.
type roster struct {
	ended   time.Time // sessions without a mark that were created until then have ended; zero: none have
	entries []entry
}

// An entry is one record that is alive. A login that renews its id has a second one for a while.
type entry struct {
	device device
	sum    token.Sum
	login  int64 // Unix milliseconds: later logins have greater ones, whatever the servers' clocks say
	end    int64 // Unix seconds
	// generation is how often the login had been renewed when the entry was made, counted from the oldest entry that it
	// has. It tells those that a renewal has left behind from those of renewals that are under way.
	generation byte
}

// A device names a login, and stays the same over renewals.
type device [8]byte

func (d device) String() string { return base64.RawURLEncoding.EncodeToString(d[:]) }

const (
	kindRoster = 3

	rosterHeader = 1 + 8
	entrySize    = len(device{}) + len(token.Sum{}) + 6 + 5 + 1

	entrySum        = len(device{})
	entryLogin      = entrySum + len(token.Sum{})
	entryEnd        = entryLogin + 6
	entryGeneration = entryEnd + 5
)

func isRoster(plain []byte) bool {
	return len(plain) >= rosterHeader && plain[0] == kindRoster && (len(plain)-rosterHeader)%entrySize == 0
}

// parseRoster takes an opened roster apart.
func parseRoster(plain []byte) (r roster, ok bool) {
	if !isRoster(plain) {
		return roster{}, false
	}
	r.ended = rosterEnded(plain)
	for b := plain[rosterHeader:]; len(b) > 0; b = b[entrySize:] {
		r.entries = append(r.entries, entry{
			device:     device(b),
			sum:        token.Sum(b[entrySum:]),
			login:      int64(uint48(b[entryLogin:])),
			end:        endIn(b),
			generation: b[entryGeneration],
		})
	}
	return r, true
}

func rosterEnded(plain []byte) time.Time {
	if n := binary.BigEndian.Uint64(plain[1:]); n != 0 {
		return time.Unix(0, int64(n))
	}
	return time.Time{}
}

func uint48(b []byte) uint64 {
	return uint64(binary.BigEndian.Uint16(b))<<32 | uint64(binary.BigEndian.Uint32(b[2:]))
}

// lists reports whether an opened roster has an entry for a record that has not reached the end of its life. It
// allocates nothing: every load of a session with an owner asks.
func lists(plain []byte, sum token.Sum, now time.Time) bool {
	for b := plain[rosterHeader:]; len(b) > 0; b = b[entrySize:] {
		if token.Sum(b[entrySum:]) == sum {
			return endIn(b) > now.Unix()
		}
	}
	return false
}

// endIn returns the end of life in an encoded entry.
func endIn(b []byte) int64 {
	return int64(b[entryEnd])<<32 | int64(binary.BigEndian.Uint32(b[entryEnd+1:]))
}

// encode returns the plain record.
func (r *roster) encode() []byte {
	b := make([]byte, 0, rosterHeader+len(r.entries)*entrySize)
	b = append(b, kindRoster)
	ended := uint64(0)
	if !r.ended.IsZero() {
		ended = uint64(r.ended.UnixNano())
	}
	b = binary.BigEndian.AppendUint64(b, ended)
	for _, e := range r.entries {
		b = append(append(b, e.device[:]...), e.sum[:]...)
		b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(b, uint16(e.login>>32)), uint32(e.login))
		b = binary.BigEndian.AppendUint32(append(b, byte(e.end>>32)), uint32(e.end))
		b = append(b, e.generation)
	}
	return b
}

// ttl returns how long the roster is needed: until the last of its sessions must have ended, and those of before an
// EndAll that are on no roster. lifetime is the longest that a session may have.
func (r *roster) ttl(now time.Time, lifetime time.Duration) time.Duration {
	ttl := time.Millisecond
	for _, e := range r.entries {
		ttl = max(ttl, time.Unix(e.end, 0).Sub(now))
	}
	if !r.ended.IsZero() {
		ttl = max(ttl, r.ended.Add(lifetime).Sub(now))
	}
	return ttl
}

// find returns the entry of a record, or nil.
func (r *roster) find(sum token.Sum) *entry {
	for i := range r.entries {
		if r.entries[i].sum == sum {
			return &r.entries[i]
		}
	}
	return nil
}

// remove takes entries out and returns them.
func (r *roster) remove(drop func(entry) bool) (removed []entry) {
	kept := r.entries[:0:0]
	for _, e := range r.entries {
		if drop(e) {
			removed = append(removed, e)
		} else {
			kept = append(kept, e)
		}
	}
	r.entries = kept
	return removed
}

func (r *roster) removeSum(sum token.Sum) (found bool) {
	return r.remove(func(e entry) bool { return e.sum == sum }) != nil
}

func (r *roster) removeDevice(d device) []entry {
	return r.remove(func(e entry) bool { return e.device == d })
}

// endUnmarked ends the sessions of before that are on no roster.
func (r *roster) endUnmarked(now time.Time) {
	if now.After(r.ended) {
		r.ended = now
	}
}

// expire drops what has reached the end of its life.
func (r *roster) expire(now time.Time) {
	r.remove(func(e entry) bool { return e.end <= now.Unix() })
}

// devices returns the logins, the earliest first, each with its entries, the oldest generation first.
func (r *roster) devices() (all [][]entry) {
	at := make(map[device]int)
	for _, e := range r.entries {
		i, known := at[e.device]
		if !known {
			i = len(all)
			at[e.device] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], e)
	}
	for _, entries := range all {
		slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.generation, b.generation) })
	}
	slices.SortStableFunc(all, func(a, b []entry) int { return cmp.Compare(a[0].login, b[0].login) })
	return all
}

// add lists a login at some time, in Unix milliseconds, or later, so that it is later than all others.
func (r *roster) add(d device, sum token.Sum, login int64, end time.Time) {
	for _, e := range r.entries {
		login = max(login, e.login+1)
	}
	r.entries = append(r.entries, entry{device: d, sum: sum, login: login, end: endOf(end)})
}

// endOf rounds up to the second, as far as five bytes go: to the year 36812.
func endOf(t time.Time) int64 { return min(max(t.Unix()+1, 0), 1<<40-1) }

// maxSiblings bounds the renewals of one session that may be under way at a time, or have been broken off.
const maxSiblings = 64

// renew lists a record in which another one that is listed goes on, beside it: until the old record has ended the
// visitor may come with either. Which entries of the login are left over is known now: those of the old record's
// generation and before, but for its own. Others of the new generation may be renewals that are under way too; of them
// and this one only one will be able to end the old record.
func (r *roster) renew(old, sum token.Sum, end time.Time) bool {
	from := r.find(old)
	if from == nil {
		return false
	}
	e := *from
	r.remove(func(x entry) bool { return x.device == e.device && x.generation <= e.generation && x.sum != old })
	siblings := 0
	for i := range r.entries {
		x := &r.entries[i]
		if x.device != e.device {
			continue
		}
		if x.generation -= e.generation; x.generation > 0 {
			siblings++
		}
	}
	for ; siblings >= maxSiblings; siblings-- {
		i := slices.IndexFunc(r.entries, func(x entry) bool { return x.device == e.device && x.generation > 0 })
		r.entries = slices.Delete(r.entries, i, i+1)
	}
	e.sum, e.end, e.generation = sum, endOf(end), 1
	r.entries = append(r.entries, e)
	return true
}
