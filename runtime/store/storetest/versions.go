package storetest

import "github.com/sessiongen/sessiongen/runtime/session"

// versions tests that a version names one write of one record and no other.
func versions() []test {
	return []test{
		{"Swap with an older version is ErrStale and changes nothing", func(f *fixture) {
			k := f.key()
			f.add(k, "one", forever)
			_, old := f.get(k)
			f.swap(k, "two", old, forever)
			f.wantErr("Swap", f.store.Swap(f.ctx(), k, []byte("three"), old, forever), session.ErrStale)
			f.wantValue(k, "two")
		}},
		{"each write has a version of its own, also one of the same bytes", func(f *fixture) {
			k := f.key()
			f.add(k, "same", forever)
			seen := make(map[session.Version]bool)
			for range 10 {
				_, v := f.get(k)
				if seen[v] {
					f.Fatalf("version %v came twice", v)
				}
				seen[v] = true
				f.swap(k, "same", v, forever)
			}
			for v := range seen {
				f.wantErr("Swap", f.store.Swap(f.ctx(), k, []byte("other"), v, forever), session.ErrStale)
			}
		}},
		{"reading twice gives the same version", func(f *fixture) {
			k := f.key()
			f.add(k, "one", forever)
			_, v1 := f.get(k)
			_, v2 := f.get(k)
			if v1 != v2 {
				f.Errorf("versions %v and %v with no write between", v1, v2)
			}
		}},
		{"Touch keeps the version", func(f *fixture) {
			k := f.key()
			f.add(k, "one", forever)
			_, v := f.get(k)
			f.touch(k, 2*forever)
			if _, touched := f.get(k); touched != v {
				f.Errorf("version %v before Touch, %v after it", v, touched)
			}
			f.swap(k, "two", v, forever)
			f.wantValue(k, "two")
		}},
		{"a refused Add keeps the version", func(f *fixture) {
			k := f.key()
			f.add(k, "one", forever)
			_, v := f.get(k)
			f.wantErr("Add", f.store.Add(f.ctx(), k, []byte("two"), forever), session.ErrExists)
			f.swap(k, "three", v, forever)
		}},
		{"a version does not outlive its record: Delete and Add make another, for the same bytes too", func(f *fixture) {
			k := f.key()
			for range 5 {
				f.add(k, "same", forever)
				_, v := f.get(k)
				f.delete(k)
				f.add(k, "same", forever)
				f.wantErr("Swap", f.store.Swap(f.ctx(), k, []byte("other"), v, forever), session.ErrStale)
				f.wantValue(k, "same")
				f.delete(k)
			}
		}},
		{"the zero Version names no write", func(f *fixture) {
			k := f.key()
			f.wantErr("Swap", f.store.Swap(f.ctx(), k, []byte("two"), session.Version{}, forever), session.ErrNotFound)
			f.add(k, "one", forever)
			f.wantErr("Swap", f.store.Swap(f.ctx(), k, []byte("two"), session.Version{}, forever), session.ErrStale)
			if _, v := f.get(k); v == (session.Version{}) {
				f.Error("Get gave the zero Version")
			}
			f.wantValue(k, "one")
		}},
	}
}
