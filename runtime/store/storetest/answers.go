package storetest

import "github.com/sessiongen/sessiongen/runtime/session"

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
