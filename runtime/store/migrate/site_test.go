//go:build unix

package migrate_test

import (
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/concurrency"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
	"github.com/sessiongen/sessiongen/runtime/store/redis"
)

func TestAMoveFromMemcachedToRedisUnderVisitorsLosesNothing(t *testing.T) {
	concurrency.AMoveUnderVisitorsLosesNothing(t, memcachedAndRedis(t))
}

func TestEndAllHoldsDuringAMoveFromMemcachedToRedis(t *testing.T) {
	concurrency.EndAllHoldsDuringAMove(t, memcachedAndRedis(t))
}

// memcachedAndRedis starts both servers, and returns what connects one more process to them.
func memcachedAndRedis(t *testing.T) func() (old, next session.Store) {
	if testing.Short() {
		t.Skip("not in a short test: visitors are under way on two servers for seconds")
	}
	// A machine under the race detector is slow, and slowness is not what is tested.
	const patient = 10 * time.Second
	from, to := servertest.Memcached(t), servertest.Redis(t)
	return func() (session.Store, session.Store) {
		old, err := memcached.NewWithOptions(memcached.Options{Addrs: []string{from.Addr()}, Timeout: patient})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(old.Reset)
		next, err := redis.NewWithOptions(redis.Options{Addrs: []string{to.Addr()}, Timeout: patient})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = next.Close() })
		return old, next
	}
}
