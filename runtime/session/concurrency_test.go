package session_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/concurrency"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/file"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
	"github.com/sessiongen/sessiongen/runtime/store/redis"
)

// onEachStore runs a test on the memory store, on a file, on a real memcached and on a real Redis. connect returns
// the store as one more process has it; memory and a file are one process's, whose managers share it. They alone are
// in the short tests.
func onEachStore(t *testing.T, test func(t *testing.T, connect func() session.Store)) {
	onEachServer(t, func(t *testing.T, _ *servertest.Server, connect func() session.Store) { test(t, connect) })
}

// onEachServer tells the test which server it is; memory and a file have none.
func onEachServer(t *testing.T, test func(t *testing.T, server *servertest.Server, connect func() session.Store)) {
	t.Run("memory", func(t *testing.T) {
		store := memory.New()
		test(t, nil, func() session.Store { return store })
	})
	t.Run("file", func(t *testing.T) {
		store, err := file.Open(filepath.Join(memoryDir(t), "sessions.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		test(t, nil, func() session.Store { return store })
	})
	if testing.Short() {
		return
	}
	t.Run("memcached", func(t *testing.T) {
		server := servertest.Memcached(t)
		test(t, server, func() session.Store { return connect(t, server) })
	})
	t.Run("redis", func(t *testing.T) {
		server := servertest.Redis(t)
		test(t, server, func() session.Store { return connectRedis(t, server) })
	})
}

// memoryDir is a directory that costs no time to sync, where there is one: these tests save thousands of times one
// after another, and the disk is not what they are about.
func memoryDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "sessions")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func connect(t testing.TB, server *servertest.Server) *memcached.Store {
	t.Helper()
	store, err := memcached.NewWithOptions(memcached.Options{
		Addrs:   []string{server.Addr()},
		Timeout: 10 * time.Second, // a machine under the race detector is slow, and slowness is not what is tested
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Reset)
	return store
}

func connectRedis(t testing.TB, server *servertest.Server) *redis.Store {
	t.Helper()
	store, err := redis.NewWithOptions(redis.Options{Addrs: []string{server.Addr()}, Timeout: 10 * time.Second}) // see connect
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func TestOfManyRequestsThatEachSetAFieldAllSurvive(t *testing.T) {
	onEachStore(t, concurrency.OfManyRequestsThatEachSetAFieldAllSurvive)
}

func TestCountersOfManyRequestsAddUp(t *testing.T) {
	onEachStore(t, concurrency.CountersOfManyRequestsAddUp)
}

func TestWhatManyRequestsAppendIsThereOnce(t *testing.T) {
	onEachStore(t, concurrency.WhatManyRequestsAppendIsThereOnce)
}

func TestPutsAndDeletesOfDifferentKeysAllHold(t *testing.T) {
	onEachStore(t, concurrency.PutsAndDeletesOfDifferentKeysAllHold)
}

func TestOnOneKeyOfAMapAndOnOneFieldTheLaterSaveHolds(t *testing.T) {
	onEachStore(t, concurrency.OnOneKeyOfAMapAndOnOneFieldTheLaterSaveHolds)
}

func TestAFlashIsTakenOnceHoweverManyTry(t *testing.T) {
	onEachStore(t, concurrency.AFlashIsTakenOnceHoweverManyTry)
}

func TestOfManyGuessesAtOnceExactlyTheLimitPasses(t *testing.T) {
	onEachStore(t, concurrency.OfManyGuessesAtOnceExactlyTheLimitPasses)
}

func TestTwoRacingLoginsGiveTwoWholeSessions(t *testing.T) {
	onEachStore(t, concurrency.TwoRacingLoginsGiveTwoWholeSessions)
}

func TestALoginKeepsWhatOthersSavedSinceItWasLoaded(t *testing.T) {
	onEachStore(t, concurrency.ALoginKeepsWhatOthersSavedSinceItWasLoaded)
}

func TestARequestWithTheIdFromBeforeALoginIsAnonymousAndHarmsNothing(t *testing.T) {
	onEachStore(t, concurrency.ARequestWithTheIdFromBeforeALoginIsAnonymousAndHarmsNothing)
}

func TestALogoutEndsTheSessionThatARenewalWentOnWith(t *testing.T) {
	onEachStore(t, concurrency.ALogoutEndsTheSessionThatARenewalWentOnWith)
}

func TestASlowRequestCannotBringBackASessionThatHasEnded(t *testing.T) {
	onEachStore(t, concurrency.ASlowRequestCannotBringBackASessionThatHasEnded)
}

func TestOfRacesBetweenSaveAndDestroyNoSessionIsResurrected(t *testing.T) {
	onEachStore(t, concurrency.OfRacesBetweenSaveAndDestroyNoSessionIsResurrected)
}

func TestTwoBinariesOfARollingDeployShareASessionAndLoseNothing(t *testing.T) {
	onEachStore(t, concurrency.TwoBinariesOfARollingDeployShareASessionAndLoseNothing)
}

func TestASessionThatEverybodySavesDoesNotStarve(t *testing.T) {
	onEachStore(t, concurrency.ASessionThatEverybodySavesDoesNotStarve)
}

func TestAReadOnlyRequestNeverUndoesAWrite(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *servertest.Server, connect func() session.Store) {
		n, touches := concurrency.AReadOnlyRequestNeverUndoesAWrite(t, connect)
		if _, ok := connect().(*memcached.Store); !ok {
			return
		}
		// It counts each set, add, replace and cas as a cmd_set.
		stats := server.Stats()
		for stat, want := range map[string]int{"cmd_set": 2 * n, "cas_hits": n, "cas_badval": 0, "cas_misses": 0, "cmd_touch": touches} {
			if stats[stat] != strconv.Itoa(want) {
				t.Errorf("memcached's %s is %s, want %d", stat, stats[stat], want)
			}
		}
	})
}

func TestAnEndAllEndsWhateverItRacesWith(t *testing.T) {
	onEachStore(t, func(t *testing.T, connect func() session.Store) {
		n := 200
		if _, inMemory := connect().(*memory.Store); inMemory && !raceDetector {
			n = 5000
		}
		if _, overTCP := connect().(*memcached.Store); overTCP && !raceDetector {
			n = 5000
		}
		concurrency.AnEndAllEndsWhateverItRacesWith(n)(t, connect)
	})
}

func TestALoginAsAnotherIsWholeWhateverItRacesWith(t *testing.T) {
	onEachStore(t, concurrency.ALoginAsAnotherIsWholeWhateverItRacesWith)
}

func TestOfManyLoginsAtOnceTheLatestFiveLive(t *testing.T) {
	onEachStore(t, concurrency.OfManyLoginsAtOnceTheLatestFiveLive)
}

func TestOfManyRenewalsAtOnceOneIsAcknowledgedAndLives(t *testing.T) {
	onEachStore(t, concurrency.OfManyRenewalsAtOnceOneIsAcknowledgedAndLives)
}
