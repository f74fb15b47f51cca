package session_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

func TestTwoRacingLoginsGiveTwoWholeSessions(t *testing.T) {
	onEachStore(t, func(t *testing.T, connect func() session.Store) {
		managers := []*visitor.Sessions{visitors(t, connect()), visitors(t, connect())}
		races(count(5000), func(i int) {
			cookie, before := begin(t, managers[0], func(s *visitor.Session) {
				s.SetColor("red")
				s.SetNote("welcome")
			})
			var tokens [2]string
			together(2, func(i int) {
				w, r := visit(cookie)
				s, err := managers[i].Load(w, r)
				if err != nil {
					t.Error(err)
					return
				}
				user := strconv.Itoa(i)
				s.SetUserID(user)
				s.SetUserName(user)
				s.AppendItems(user)
				if err := s.Save(); err != nil {
					t.Error(err)
				}
				cookies := w.Result().Cookies()
				if len(cookies) != 1 {
					t.Error("a login has set no cookie")
					return
				}
				tokens[i] = cookies[0].Value
			})
			notes := 0
			for i, token := range tokens {
				s := open(t, managers[0], token)
				got, want := shownVisitor(s), strconv.Itoa(i)
				// If one has loaded after the other had ended the session, it has its own changes alone.
				if got.UserID != want || got.UserName != want || len(got.Items) != 1 || got.Items[0] != want || got.Color != "red" && got.Color != "" {
					t.Errorf("login %d got %+v", i, got)
				}
				if got.Note != "" {
					notes++
				}
			}
			if notes > 1 {
				t.Error("both sessions have the flash")
			}
			if _, err := managers[1].Open(context.Background(), before); !errors.Is(err, session.ErrGone) {
				t.Error("the session from before the logins:", err)
			}
		})
	})
}

func TestALoginKeepsWhatOthersSavedSinceItWasLoaded(t *testing.T) {
	onEachStore(t, func(t *testing.T, connect func() session.Store) {
		managers := []*visitor.Sessions{visitors(t, connect()), visitors(t, connect())}
		races(count(1000), func(int) {
			cookie, token := begin(t, managers[0], func(s *visitor.Session) { s.AppendItems("first") })
			w, r := visit(cookie)
			login, err := managers[0].Load(w, r)
			if err != nil {
				t.Error(err)
				return
			}
			login.SetUserID("ann")
			login.AddCount(1)
			other := open(t, managers[1], token)
			other.AddCount(10)
			other.AppendItems("second")
			if err := other.Save(); err != nil {
				t.Error(err)
			}
			// And some more during the Save itself.
			var kept int64 = 10
			together(2, func(i int) {
				if i == 0 {
					if err := login.Save(); err != nil {
						t.Error("login:", err)
					}
					return
				}
				for range 3 {
					other.AddCount(100)
					if err := other.Save(); errors.Is(err, session.ErrGone) {
						return
					} else if err != nil {
						t.Error(err)
					}
					kept += 100
				}
			})
			got := open(t, managers[0], login.Meta().Token).Snapshot()
			if got.UserID != "ann" || got.Count != kept+1 || fmt.Sprint(got.Items) != "[first second]" {
				t.Errorf("the new session has %+v, want a count of %d", got, kept+1)
			}
		})
	})
}

func TestAReadOnlyRequestNeverUndoesAWrite(t *testing.T) {
	var server *servertest.Server
	for name, start := range map[string]func(t *testing.T) func() session.Store{
		"memory": func(*testing.T) func() session.Store {
			s := memory.New()
			return func() session.Store { return s }
		},
		"memcached": func(t *testing.T) func() session.Store {
			server = servertest.Memcached(t)
			return func() session.Store { return connect(t, server) }
		},
		"redis": func(t *testing.T) func() session.Store {
			server := servertest.Redis(t)
			return func() session.Store { return connectRedis(t, server) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			connect := start(t)
			written, read := &counting{Store: connect()}, &counting{Store: connect()}
			// A process touches what it has not touched yet: every read in this one slides the expiry.
			writer, reader := visitors(t, written), visitors(t, read)
			n := count(5000)
			races(n, func(i int) {
				cookie, token := begin(t, writer, func(s *visitor.Session) { s.SetColor("red") })
				together(2, func(i int) {
					if i == 0 {
						w, r := visit(cookie)
						s, err := reader.Load(w, r)
						if err != nil || s.Color() != "red" {
							t.Error("reader:", err)
							return
						}
						_, _, _ = s.Snapshot(), s.Meta(), s.String()
						if err := s.Save(); err != nil { // as a middleware would
							t.Error("reader:", err)
						}
						if len(w.Result().Cookies()) > 0 {
							t.Error("the reader's response sets a cookie")
						}
						return
					}
					s, err := writer.Load(visit(cookie))
					if err != nil {
						t.Error(err)
						return
					}
					s.SetSize("large")
					if err := s.Save(); err != nil {
						t.Error("writer:", err)
					}
				})
				if got := open(t, writer, token); got.Size() != "large" || got.Color() != "red" {
					t.Error("a write is lost")
				}
			})
			if touches := read.touches.Load(); touches != int64(n) {
				t.Errorf("the reader slid the expiry %d times in %d requests", touches, n)
			}
			if writes := read.adds.Load() + read.swaps.Load() + read.deletes.Load(); writes != 0 {
				t.Errorf("the reader wrote %d times", writes)
			}
			if adds, swaps := written.adds.Load(), written.swaps.Load(); adds != int64(n) || swaps != int64(n) {
				t.Errorf("%d sessions cost %d adds and %d swaps: a touch made a writer try again", n, adds, swaps)
			}
			if name == "memcached" {
				// It counts each set, add, replace and cas as a cmd_set.
				stats, touches := server.Stats(), int(read.touches.Load()+written.touches.Load())
				for stat, want := range map[string]int{"cmd_set": 2 * n, "cas_hits": n, "cas_badval": 0, "cas_misses": 0, "cmd_touch": touches} {
					if stats[stat] != strconv.Itoa(want) {
						t.Errorf("memcached's %s is %s, want %d", stat, stats[stat], want)
					}
				}
			}
		})
	}
}

// counting counts the calls of one process.
type counting struct {
	session.Store
	gets, adds, swaps, touches, deletes atomic.Int64
}

func (c *counting) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	c.gets.Add(1)
	return c.Store.Get(ctx, key)
}

func (c *counting) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	c.adds.Add(1)
	return c.Store.Add(ctx, key, value, ttl)
}

func (c *counting) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	c.swaps.Add(1)
	return c.Store.Swap(ctx, key, value, v, ttl)
}

func (c *counting) Touch(ctx context.Context, key string, ttl time.Duration) error {
	c.touches.Add(1)
	return c.Store.Touch(ctx, key, ttl)
}

func (c *counting) Delete(ctx context.Context, key string) error {
	c.deletes.Add(1)
	return c.Store.Delete(ctx, key)
}

func TestAFlashIsTakenOnceHoweverManyTry(t *testing.T) {
	const takers = 64
	onEachStore(t, func(t *testing.T, connect func() session.Store) {
		stores := []*counting{{Store: connect()}, {Store: connect()}}
		managers := []*visitor.Sessions{visitors(t, stores[0]), visitors(t, stores[1])}
		for trial := range 20 {
			note := fmt.Sprint("note ", trial)
			cookie, token := begin(t, managers[0], func(s *visitor.Session) { s.SetNote(note) })
			var taken atomic.Int64
			together(takers, func(i int) {
				s, err := managers[i%processes].Load(visit(cookie))
				if err != nil {
					t.Error(err)
					return
				}
				s.AddCount(1) // stays pending
				if got, ok := s.TakeNote(); ok {
					taken.Add(1)
					if got != note {
						t.Errorf("took %q", got)
					}
				}
				if _, ok := s.TakeNote(); ok {
					t.Error("taken twice by one request")
				}
				if err := s.Save(); err != nil {
					t.Error(err)
				}
			})
			if n := taken.Load(); n != 1 {
				t.Errorf("taken %d times", n)
			}
			if s := open(t, managers[0], token); s.HasNote() || s.Count() != takers {
				t.Errorf("what is left: %v", s)
			}
		}
	})
}

func TestTheCostOfATakeIsARoundTripAndOneMoreForTheSaveThatFollows(t *testing.T) {
	store := &counting{Store: memory.New()}
	m := visitors(t, store)
	cookie, _ := begin(t, m, func(s *visitor.Session) { s.SetNote("hi") })
	cost := func(f func(*visitor.Session)) (gets, swaps int64) {
		s, err := m.Load(visit(cookie))
		if err != nil {
			t.Fatal(err)
		}
		gets, swaps = store.gets.Load(), store.swaps.Load()
		f(s)
		if err := s.Save(); err != nil {
			t.Fatal(err)
		}
		return store.gets.Load() - gets, store.swaps.Load() - swaps
	}
	for _, c := range []struct {
		name        string
		do          func(*visitor.Session)
		gets, swaps int64
	}{
		{"take", func(s *visitor.Session) { s.TakeNote() }, 0, 1},
		{"take of nothing", func(s *visitor.Session) { s.TakeNote() }, 0, 0},
		{"take of what was set", func(s *visitor.Session) { s.SetNote("new"); s.TakeNote() }, 0, 0},
		{"set", func(s *visitor.Session) { s.SetNote("hi") }, 0, 1},
		{"take and save", func(s *visitor.Session) { s.TakeNote(); s.AddCount(1) }, 1, 2},
	} {
		if gets, swaps := cost(c.do); gets != c.gets || swaps != c.swaps {
			t.Errorf("%s: %d gets and %d swaps, want %d and %d", c.name, gets, swaps, c.gets, c.swaps)
		}
	}
}
