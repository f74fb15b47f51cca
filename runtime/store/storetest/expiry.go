package storetest

import (
	"errors"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// waitGone polls until the record is gone. It must not be gone before its ttl, counted from set, a moment before the
// call that gave it; nor still be there long after.
func (f *fixture) waitGone(key string, set time.Time, ttl time.Duration) {
	f.Helper()
	for {
		_, _, err := f.store.Get(f.ctx(), key)
		age := time.Since(set)
		switch {
		case errors.Is(err, session.ErrNotFound):
			if age < ttl {
				f.Errorf("gone after %v, before its ttl of %v", age, ttl)
			}
			return
		case err != nil:
			f.Fatalf("Get: %v", err)
		case age > ttl+expirySlack:
			f.Fatalf("still there after %v with a ttl of %v", age, ttl)
		}
		time.Sleep(pollEvery)
	}
}

// outlive waits until a record with the short ttl, added now, is gone: by then every other one with it is gone too.
func (f *fixture) outlive() {
	f.Helper()
	k, set := f.key(), time.Now()
	f.add(k, "passing", shortTTL)
	f.waitGone(k, set, shortTTL)
}

// expiry tests that a record ends with its ttl and not before, and which calls set it.
func expiry() []test {
	lives := func(ttl time.Duration) func(*fixture) {
		return func(f *fixture) {
			k, set := f.key(), time.Now()
			f.add(k, "one", ttl)
			f.waitGone(k, set, ttl)
		}
	}
	return []test{
		{"a record is there for its ttl and gone soon after", lives(shortTTL)},
		{"a ttl of whole seconds is kept", lives(time.Second)},
		{"a ttl that is no whole number of seconds is kept", lives(1100 * time.Millisecond)},
		{"the shortest ttl ends, and is neither an error nor for ever", lives(time.Nanosecond)},
		{"a ttl that is not positive ends as soon, and is neither an error nor for ever", func(f *fixture) {
			var ended []string // together: where a second is the shortest ttl, each takes one
			set := time.Now()
			for _, ttl := range []time.Duration{0, -1, -time.Hour, -1 << 63} {
				added, touched, swapped := f.key(), f.key(), f.key()
				f.add(added, "one", ttl)
				f.add(touched, "one", forever)
				f.touch(touched, ttl)
				f.add(swapped, "one", forever)
				_, v := f.get(swapped)
				f.swap(swapped, "two", v, ttl)
				ended = append(ended, added, touched, swapped)
			}
			for _, k := range ended {
				f.waitGone(k, set, 0)
			}
		}},
		{"ttls of months and years do not end at once", func(f *fixture) {
			const day = 24 * time.Hour
			for _, ttl := range []time.Duration{29 * day, 30 * day, 30*day + time.Second, 400 * day, 10 * 365 * day} {
				k := f.key()
				f.add(k, "one", ttl)
				f.wantValue(k, "one")
				f.touch(k, ttl)
				_, v := f.get(k)
				f.swap(k, "two", v, ttl)
				f.wantValue(k, "two")
			}
		}},
		{"Touch lengthens the time that is left", func(f *fixture) {
			k := f.key()
			f.add(k, "one", shortTTL)
			f.touch(k, forever)
			f.outlive()
			f.wantValue(k, "one")
		}},
		{"Touch shortens the time that is left", func(f *fixture) {
			k := f.key()
			f.add(k, "one", forever)
			set := time.Now()
			f.touch(k, shortTTL)
			f.waitGone(k, set, shortTTL)
		}},
		{"Swap sets the time that is left", func(f *fixture) {
			longer, shorter := f.key(), f.key()
			f.add(longer, "one", time.Second)
			f.add(shorter, "one", forever)
			_, v := f.get(longer)
			f.swap(longer, "two", v, forever)
			_, v = f.get(shorter)
			set := time.Now()
			f.swap(shorter, "two", v, time.Second)
			f.waitGone(shorter, set, time.Second)
			f.wantValue(longer, "two")
		}},
		{"Get, a refused Add and a refused Swap do not lengthen it", func(f *fixture) {
			k, set := f.key(), time.Now()
			f.add(k, "one", time.Second)
			f.wantErr("Add", f.store.Add(f.ctx(), k, []byte("two"), forever), session.ErrExists)
			f.wantErr("Swap", f.store.Swap(f.ctx(), k, []byte("two"), session.Version{}, forever), session.ErrStale)
			f.waitGone(k, set, time.Second) // reads all the while
		}},
		{"a record that has ended is no record for any call", func(f *fixture) {
			k, set := f.key(), time.Now()
			f.add(k, "one", shortTTL)
			_, v := f.get(k)
			f.waitGone(k, set, shortTTL)
			f.wantErr("Swap", f.store.Swap(f.ctx(), k, []byte("two"), v, forever), session.ErrNotFound)
			f.wantErr("Touch", f.store.Touch(f.ctx(), k, forever), session.ErrNotFound)
			f.wantNone(k)
			f.add(k, "three", forever)
			f.wantErr("Swap", f.store.Swap(f.ctx(), k, []byte("two"), v, forever), session.ErrStale)
			f.wantValue(k, "three")
		}},
	}
}
