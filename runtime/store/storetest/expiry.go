package storetest

import (
	"errors"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// lasts checks that what set gives a ttl is there for that long and gone soon after. It sets it once more, a few times,
// if it was gone early: a server's clock that ticks once a second skips one now and then, if its machine is busy.
func (f *fixture) lasts(ttl time.Duration, set func() (key string)) {
	f.Helper()
	var ages []time.Duration
	for range 5 {
		since := time.Now()
		age := f.waitGone(set(), since, ttl)
		if age >= ttl {
			return
		}
		ages = append(ages, age)
		time.Sleep(time.Second / 2) // behind a tick, which has just been, even a store that is short of one is in time
	}
	f.Errorf("gone after %v, before its ttl of %v", ages, ttl)
}

// waitGone polls until the record is gone, and returns how old it was then, counted from since. It must not be there
// long after its ttl.
func (f *fixture) waitGone(key string, since time.Time, ttl time.Duration) (age time.Duration) {
	f.Helper()
	for {
		_, _, err := f.store.Get(f.ctx(), key)
		age = time.Since(since)
		switch {
		case errors.Is(err, session.ErrNotFound):
			return age
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
	k, since := f.key(), time.Now()
	f.add(k, "passing", shortTTL)
	f.waitGone(k, since, shortTTL)
}

// inTime adds a record with the short ttl and does something to it before it ends. It begins anew, a few times, where
// this machine stands still for longer than that.
func (f *fixture) inTime(do func(key string) error) (key string) {
	f.Helper()
	for range 5 {
		k, since := f.key(), time.Now()
		f.add(k, "one", shortTTL)
		err := do(k)
		if err == nil {
			return k
		}
		if !errors.Is(err, session.ErrNotFound) || time.Since(since) < shortTTL {
			f.Fatal(err)
		}
	}
	f.Fatalf("a call takes longer than %v, time and again", shortTTL)
	return ""
}

// expiry tests that a record ends with its ttl and not before, and which calls set it.
func expiry() []test {
	lives := func(ttl time.Duration) func(*fixture) {
		return func(f *fixture) {
			f.lasts(ttl, func() string {
				k := f.key()
				f.add(k, "one", ttl)
				return k
			})
		}
	}
	return []test{
		{"a record is there for its ttl and gone soon after", lives(shortTTL)},
		{"a ttl of whole seconds is kept", lives(time.Second)},
		{"a ttl that is no whole number of seconds is kept", lives(1100 * time.Millisecond)},
		{"the shortest ttl ends, and is neither an error nor for ever", lives(time.Nanosecond)},
		{"a ttl that is not positive ends as soon, and is neither an error nor for ever", func(f *fixture) {
			var ended []string // together: where a second is the shortest ttl, each takes one
			since := time.Now()
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
				f.waitGone(k, since, 0)
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
			k := f.inTime(func(k string) error { return f.store.Touch(f.ctx(), k, forever) })
			f.outlive()
			f.wantValue(k, "one")
		}},
		{"Touch shortens the time that is left", func(f *fixture) {
			f.lasts(shortTTL, func() string {
				k := f.key()
				f.add(k, "one", forever)
				f.touch(k, shortTTL)
				return k
			})
		}},
		{"Swap sets the time that is left", func(f *fixture) {
			longer := f.inTime(func(k string) error {
				_, v, err := f.store.Get(f.ctx(), k)
				if err != nil {
					return err
				}
				return f.store.Swap(f.ctx(), k, []byte("two"), v, forever)
			})
			f.lasts(time.Second, func() string {
				shorter := f.key()
				f.add(shorter, "one", forever)
				_, v := f.get(shorter)
				f.swap(shorter, "two", v, time.Second)
				return shorter
			})
			f.wantValue(longer, "two")
		}},
		{"Get, a refused Add and a refused Swap do not lengthen it", func(f *fixture) {
			f.lasts(time.Second, func() string {
				k := f.key()
				f.add(k, "one", time.Second)
				f.wantErr("Add", f.store.Add(f.ctx(), k, []byte("two"), forever), session.ErrExists)
				f.wantErr("Swap", f.store.Swap(f.ctx(), k, []byte("two"), session.Version{}, forever), session.ErrStale)
				return k // it is read all the while
			})
		}},
		{"a record that has ended is no record for any call", func(f *fixture) {
			var v session.Version
			since := time.Now()
			k := f.inTime(func(k string) (err error) { _, v, err = f.store.Get(f.ctx(), k); return err })
			f.waitGone(k, since, shortTTL)
			f.wantErr("Swap", f.store.Swap(f.ctx(), k, []byte("two"), v, forever), session.ErrNotFound)
			f.wantErr("Touch", f.store.Touch(f.ctx(), k, forever), session.ErrNotFound)
			f.wantNone(k)
			f.add(k, "three", forever)
			f.wantErr("Swap", f.store.Swap(f.ctx(), k, []byte("two"), v, forever), session.ErrStale)
			f.wantValue(k, "three")
		}},
	}
}
