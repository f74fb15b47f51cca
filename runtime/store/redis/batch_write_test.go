package redis

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// writeAll begins a Swap of each key, looks at what they say, and returns a function that waits for them.
func writeAll(s *Store, keys []string, check func(key string, err error)) (wait func()) {
	return each(&s.batches.writes, keys, func(key string) {
		check(key, s.Swap(context.Background(), key, []byte("value"), session.Version{1, 2}, time.Minute))
	})
}

func TestWritesThatWaitTravelTogetherAndEachGetsItsOwnAnswer(t *testing.T) {
	s, redis, release := crowded(t)
	wait := writeAll(s, []string{"a", "none", "b", "stale", "c"}, func(key string, err error) {
		var want error
		switch key {
		case "none":
			want = session.ErrNotFound
		case "stale":
			want = session.ErrStale
		}
		if err != want {
			t.Errorf("%s: %v, want %v", key, err, want)
		}
	})
	release()
	wait()
	if len(redis.pipelines) != 1 || redis.pipelines[0] != 5 || redis.alone.Load() != 1 {
		t.Errorf("pipelines of %v writes, %d calls alone", redis.pipelines, redis.alone.Load())
	}
}

func TestNoBatchHasReadsAndWrites(t *testing.T) {
	s, redis, release := crowded(t)
	read := readAll(t, s, "a", "b")
	written := writeAll(s, []string{"a", "b", "c"}, func(key string, err error) {
		if err != nil {
			t.Errorf("%s: %v", key, err)
		}
	})
	release()
	read()
	written()
	if slices.Sort(redis.pipelines); !slices.Equal(redis.pipelines, []int{2, 3}) || redis.mixed {
		t.Errorf("pipelines of %v calls, mixed: %v", redis.pipelines, redis.mixed)
	}
}

// unknown reports whether an error leaves open whether a write has happened.
func unknown(err error) bool {
	return err != nil && !errors.Is(err, session.ErrUnavailable) && !errors.Is(err, session.ErrNotFound) &&
		!errors.Is(err, session.ErrStale)
}

func TestOfWritesInABatchThatIsOutOfStepNothingIsKnown(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		harm   func(*server)
		resets uint32 // of connections on which go-redis has noticed nothing
	}{
		"a reply is missing": {func(redis *server) { redis.missing = 1 }, 0},
		"all are missing":    {func(redis *server) { redis.missing = 9 }, 0},
		"one too many": {func(redis *server) {
			redis.early = []goredis.Cmder{goredis.NewIntCmd(ctx, "evalsha", "x")}
		}, 1},
		"a marker's too many": {func(redis *server) {
			redis.early = []goredis.Cmder{goredis.NewStatusCmd(ctx, "ping")}
		}, 1},
	} {
		s, redis, release := crowded(t)
		c.harm(redis)
		wait := writeAll(s, []string{"a", "stale", "none"}, func(key string, err error) {
			if !unknown(err) {
				t.Errorf("%s, %s: %v", name, key, err)
			}
		})
		release()
		wait()
		if len(redis.pipelines) != 1 || redis.alone.Load() != 1 {
			t.Errorf("%s: pipelines of %v writes, %d calls alone", name, redis.pipelines, redis.alone.Load())
		}
		if resets := s.dialer.epoch.Load(); resets != c.resets {
			t.Errorf("%s: %d resets, want %d", name, resets, c.resets)
		}
	}
}

func TestAPanicInABatchIsNoAnswerToTheOthers(t *testing.T) {
	s, redis, release := crowded(t)
	redis.panics = true
	swap := func(key string) error {
		return s.Swap(context.Background(), key, []byte("value"), session.Version{1, 2}, time.Minute)
	}
	wait := each(&s.batches.writes, []string{"leads", "b", "c"}, func(key string) {
		if key == "leads" {
			defer func() {
				if recover() == nil {
					t.Error("it did not panic")
				}
			}()
		}
		if err := swap(key); !unknown(err) {
			t.Errorf("%s: %v", key, err)
		}
	})
	release()
	wait()
	if err := swap("after"); err != nil {
		t.Errorf("the turn is not given back: %v", err)
	}
}

func TestALargeRecordIsWrittenAlone(t *testing.T) {
	s, redis, release := crowded(t)
	if err := s.Add(t.Context(), "large", make([]byte, maxShared), time.Minute); err != nil || redis.alone.Load() != 2 {
		t.Errorf("while the turn is taken: %v, %d calls alone", err, redis.alone.Load())
	}
	release()
}
