//go:build !race

package session_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A reader reads one session again and again, with a ResponseWriter that costs nothing.
type reader struct {
	t        testing.TB
	sessions *member.Sessions
	request  *http.Request
	header   http.Header
}

func (a *reader) Header() http.Header { return a.header }

func (a *reader) Write(p []byte) (int, error) { return len(p), nil }

func (a *reader) WriteHeader(int) {}

func (a *reader) read() *member.Session {
	clear(a.header)
	s, err := a.sessions.Load(a, a.request)
	if err != nil {
		a.t.Fatal(err)
	}
	return s
}

// readers are one for the session of an owner and one for the same fields without one, on memcached over TCP.
func readers(t testing.TB) (owned, bare *reader) {
	store := connect(t, servertest.Memcached(t))
	sessions, err := member.NewSessions(store, session.Config{
		Secrets: [][]byte{fixture.Secret("s")}, SaveTimeout: time.Minute,
	})
	must(t, err)
	make := func(user int64) *reader {
		w := httptest.NewRecorder()
		s, err := sessions.Load(w, httptest.NewRequest(http.MethodGet, "/", nil))
		must(t, err)
		s.SetUserID(user)
		s.SetEmail("ann@example.com")
		s.SetCart([]string{"tea", "mug"})
		s.SetPrefs(map[string]string{"lang": "en", "theme": "dark"})
		s.AddVisits(7)
		must(t, s.Save())
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.AddCookie(w.Result().Cookies()[0])
		return &reader{t: t, sessions: sessions, request: request, header: http.Header{}}
	}
	return make(ann), make(0)
}

func TestAnOwnerAllocatesFourTimesMoreAtMost(t *testing.T) {
	owned, bare := readers(t)
	without := testing.AllocsPerRun(200, func() { bare.read() })
	with := testing.AllocsPerRun(200, func() {
		if s := owned.read(); s.UserID() != ann {
			t.Fatal("nobody")
		}
	})
	t.Logf("%v allocations with an owner, %v without", with, without)
	if with > without+4 {
		t.Errorf("%v allocations with an owner, %v without", with, without)
	}
	if without > maxRead {
		t.Errorf("%v allocations without an owner, want at most %v", without, maxRead)
	}
}

func BenchmarkReadWithAnOwner(b *testing.B) {
	owned, bare := readers(b)
	for name, a := range map[string]*reader{"with": owned, "without": bare} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a.read()
			}
		})
	}
}
