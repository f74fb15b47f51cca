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
	return []test{
		{name: "a move from Redis under visitors loses nothing", run: func(t *testing.T, d *database) {
			concurrency.AMoveUnderVisitorsLosesNothing(t, fromRedis(t, d))
		}},
		{name: "EndAll holds during a move from Redis", run: func(t *testing.T, d *database) {
			concurrency.EndAllHoldsDuringAMove(t, fromRedis(t, d))
		}},
	}
}

// fromRedis starts Redis, and returns what connects one more process to it and to the database.
func fromRedis(t *testing.T, d *database) func() (old, next session.Store) {
	from := servertest.Redis(t)
	return func() (session.Store, session.Store) {
		old, err := redis.NewWithOptions(redis.Options{Addrs: []string{from.Addr()}, Timeout: patient})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = old.Close() })
		return old, d.store(t)
	}
}
