package storetest

import (
	"context"
	"errors"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// answers tests what each call says about a record that is there, and about one that is not.
func answers() []test {
	return []test{
		{"Get returns what Add stored", func(f *fixture) {
			k := f.key()
			f.add(k, "one", forever)
			f.wantValue(k, "one")
		}},
		{"Get of a missing record is ErrNotFound", func(f *fixture) {
			f.wantNone(f.key())
		}},
		{"Add of a key that has a record is ErrExists and changes nothing", func(f *fixture) {
			k := f.key()
			f.add(k, "one", forever)
			f.wantErr("Add", f.store.Add(f.ctx(), k, []byte("two"), forever), session.ErrExists)
			f.wantValue(k, "one")
		}},
		{"Swap replaces the value that Get returned", func(f *fixture) {
			k := f.key()
			f.add(k, "one", forever)
			_, v := f.get(k)
			f.swap(k, "two", v, forever)
			f.wantValue(k, "two")
		}},
		{"Swap of a missing record is ErrNotFound and stores nothing", func(f *fixture) {
			k := f.key()
			f.add(k, "one", forever)
			_, v := f.get(k)
			f.delete(k)
			f.wantErr("Swap", f.store.Swap(f.ctx(), k, []byte("two"), v, forever), session.ErrNotFound)
			f.wantNone(k)
		}},
		{"Touch of a missing record is ErrNotFound and stores nothing", func(f *fixture) {
			k := f.key()
			f.wantErr("Touch", f.store.Touch(f.ctx(), k, forever), session.ErrNotFound)
			f.wantNone(k)
		}},
		{"Touch leaves the value alone", func(f *fixture) {
			k := f.key()
			f.add(k, "one", forever)
			f.touch(k, forever)
			f.wantValue(k, "one")
		}},
		{"Delete removes the record", func(f *fixture) {
			k := f.key()
			f.add(k, "one", forever)
			f.delete(k)
			f.wantNone(k)
		}},
		{"GetPair, where there is one, returns what Get does of each key", func(f *fixture) {
			store, ok := f.store.(interface {
				GetPair(ctx context.Context, first, second string) (a, b session.Got, ok bool)
			})
			if !ok {
				return
			}
			k, l, none := f.key(), f.key(), f.key()
			f.add(k, "one", forever)
			f.add(l, "two", forever)
			for _, keys := range [][2]string{{k, l}, {l, k}, {k, none}, {none, l}, {none, f.key()}} {
				a, b, ok := store.GetPair(f.ctx(), keys[0], keys[1])
				if !ok {
					continue // these two not
				}
				for i, got := range []session.Got{a, b} {
					value, v, err := f.store.Get(f.ctx(), keys[i])
					if !errors.Is(got.Err, err) || string(got.Value) != string(value) || got.Version != v {
						f.Errorf("GetPair = %q, %v, %v, want %q, %v, %v", got.Value, got.Version, got.Err, value, v, err)
					}
				}
			}
		}},
		{"Delete of a missing record is no error", func(f *fixture) {
			f.delete(f.key())
		}},
		{"Add works again after Delete", func(f *fixture) {
			k := f.key()
			f.add(k, "one", forever)
			f.delete(k)
			f.add(k, "two", forever)
			f.wantValue(k, "two")
		}},
		{"a call for one key leaves the others alone", func(f *fixture) {
			a, b := f.key(), f.key()
			f.add(a, "a", forever)
			f.add(b, "b", forever)
			_, v := f.get(a)
			f.swap(a, "a2", v, forever)
			f.wantValue(b, "b")
			f.delete(a)
			f.wantValue(b, "b")
		}},
	}
}
