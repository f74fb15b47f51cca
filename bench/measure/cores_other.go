//go:build !linux

package measure

// OnOneCore runs f. Only Linux is told to keep to one core.
func OnOneCore(f func() error, _ ...*Memcached) error { return f() }

// OnACoreEach runs f. Only Linux is told where to run.
func OnACoreEach(f func() error, _ ...*Memcached) error { return f() }
