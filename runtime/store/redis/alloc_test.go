//go:build unix && !race

package redis_test

import (
	"context"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/sessiongen/sessiongen/internal/servertest"
)

// The race detector allocates: see runtime/session/alloc_test.go.

func TestAGetAllocatesNoMoreThanTheClients(t *testing.T) {
	addr := servertest.Redis(t).Addr()
	s := openAt(t, addr)
	bare := goredis.NewClient(&goredis.Options{Addr: addr})
	t.Cleanup(func() { _ = bare.Close() })
	ctx := context.Background()
	if err := s.Add(ctx, "k", make([]byte, 300), time.Hour); err != nil {
		t.Fatal(err)
	}
	const calls = 200
	most := testing.AllocsPerRun(calls, func() {
		if err := bare.Get(ctx, "k").Err(); err != nil {
			t.Fatal(err)
		}
	})
	got := testing.AllocsPerRun(calls, func() {
		if _, _, err := s.Get(ctx, "k"); err != nil {
			t.Fatal(err)
		}
	})
	if got > most {
		t.Errorf("Get: %v allocations, the client's alone has %v", got, most)
	}
}
