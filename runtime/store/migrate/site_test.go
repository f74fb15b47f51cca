//go:build unix

package migrate_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
	"github.com/sessiongen/sessiongen/runtime/store/migrate"
	"github.com/sessiongen/sessiongen/runtime/store/redis"
)

const (
	visitors  = 64
	processes = 2
)

// A visitor keeps a cookie, and knows what the site must know.
type visitor struct {
	cookies []*http.Cookie
	visits  int64
	ended   []*http.Cookie // the cookies of sessions that the visitor has ended
	total   atomic.Int64
}

func TestAMoveFromMemcachedToRedisUnderVisitorsLosesNothing(t *testing.T) {
	old, err := memcached.NewWithOptions(memcached.Options{
		Addrs:   []string{servertest.Memcached(t).Addr()},
		Timeout: 10 * time.Second, IOBudget: 20 * time.Second, // a machine under the race detector is slow, and slowness is not what is tested
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(old.Reset)
	next, err := redis.NewWithOptions(redis.Options{Addrs: []string{servertest.Redis(t).Addr()}, Timeout: 10 * time.Second, IOBudget: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = next.Close() })

	site := &site{t: t}
	for p := range processes {
		site.deploy(p, old)
	}
	var people [visitors]visitor
	var wg sync.WaitGroup
	done := make(chan struct{})
	for i := range people {
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				site.visit(&people[i], i+n)
			}
		})
	}
	everybodyComes := func() {
		var from [visitors]int64
		for i := range people {
			from[i] = people[i].total.Load()
		}
		waitFor(t, func() bool {
			for i := range people {
				if people[i].total.Load() < from[i]+6 && !t.Failed() {
					return false
				}
			}
			return true
		})
	}
	for _, store := range []session.Store{
		migrate.New(old, next, time.Hour),
		migrate.New(next, old, time.Hour),
		next,
	} {
		for p := range processes {
			everybodyComes()
			site.deploy(p, store)
		}
		everybodyComes()
	}
	close(done)
	wg.Wait()
	var total int64
	for i := range people {
		total += people[i].total.Load()
	}
	t.Logf("%d visits, %d sessions ended", total, site.ended.Load())
}

// A site is some processes, of which each has a manager, and is deployed anew with another store.
type site struct {
	t         *testing.T
	processes [processes]atomic.Pointer[fixture.Sessions]
	ended     atomic.Int64
}

func (s *site) deploy(process int, store session.Store) {
	s.t.Helper()
	m, err := fixture.NewSessions(store, session.Config{
		Secrets:     [][]byte{[]byte("0123456789abcdefghijklmnopqrstuvwxyz")},
		SaveTimeout: 30 * time.Second,
		Logger:      slog.New(slog.DiscardHandler),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.processes[process].Store(m)
}

// load begins a request of somebody who sends these cookies.
func (s *site) load(process int, cookies []*http.Cookie) (*fixture.Session, *httptest.ResponseRecorder) {
	r, w := httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()
	for _, c := range cookies {
		r.AddCookie(c)
	}
	x, err := s.processes[process%processes].Load().Load(w, r)
	if err != nil {
		s.t.Errorf("Load: %v", err)
		return nil, nil
	}
	return x, w
}

// visit is one request: it counts, and every twelfth time it ends the session as well, whose cookie must be worth
// nothing from then on.
func (s *site) visit(v *visitor, process int) {
	x, w := s.load(process, v.cookies)
	if x == nil {
		return
	}
	if got := x.Visits(); got != v.visits {
		s.t.Errorf("a visitor has %d visits, want %d", got, v.visits)
		v.visits = got
	}
	if v.visits == 11 {
		if err := x.Destroy(); err != nil {
			s.t.Errorf("Destroy: %v", err)
			return
		}
		v.ended, v.cookies, v.visits = v.cookies, nil, 0
		s.ended.Add(1)
	} else {
		x.AddVisits(1)
		if err := x.Save(); err != nil {
			s.t.Errorf("Save: %v", err)
			return
		}
		v.visits++
		if set := w.Result().Cookies(); len(set) > 0 {
			v.cookies = set
		}
	}
	if v.ended != nil {
		if x, _ := s.load(process+1, v.ended); x != nil && x.HasVisits() {
			s.t.Error("a session that has ended is back")
		}
	}
	v.total.Add(1)
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatal("the visitors do not get on")
		}
		time.Sleep(time.Millisecond)
	}
}
