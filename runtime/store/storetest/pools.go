package storetest

import "github.com/sessiongen/sessiongen/runtime/session"

// pools tests the pool of a store that has one for anonymous sessions: session.Pooled. To test all of it, Run the
// suite on session.AnonymousPool of the store, too.
func pools() []test {
	return []test{
		{"Anonymous returns a store in which records are kept", func(f *fixture) {
			p, ok := f.store.(session.Pooled)
			if !ok {
				return
			}
			pool := p.Anonymous(f.store)
			if pool == nil {
				f.Fatal("it is nil")
			}
			k := f.key()
			if err := pool.Add(f.ctx(), k, []byte("one"), forever); err != nil {
				f.Fatalf("Add: %v", err)
			}
			again := &fixture{T: f.T, store: p.Anonymous(f.store)} // as another process asks
			_, v := again.get(k)
			again.swap(k, "two", v, forever)
			again.wantValue(k, "two")
			again.delete(k)
			again.wantNone(k)
		}},
		{"Anonymous of a store that is embedded returns the store around it", func(f *fixture) {
			if p, ok := f.store.(session.Pooled); ok {
				around := &struct{ session.Store }{f.store}
				if got := p.Anonymous(around); got != session.Store(around) {
					f.Errorf("it is a %T, which passes by what the store around it does in its calls", got)
				}
			}
		}},
	}
}
