//go:build unix

package sqltest

import (
	"testing"

	"github.com/sessiongen/sessiongen/internal/concurrency"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/redis"
)

// moves tests that sessions come into the database from elsewhere.
func moves() []test {
	return []test{{name: "a move from Redis under visitors loses nothing", run: func(t *testing.T, d *database) {
		from := servertest.Redis(t)
		concurrency.AMoveUnderVisitorsLosesNothing(t, func() (session.Store, session.Store) {
			old, err := redis.NewWithOptions(redis.Options{Addrs: []string{from.Addr()}, Timeout: patient})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = old.Close() })
			return old, d.store(t)
		})
	}}}
}
