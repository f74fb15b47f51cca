//go:build !race

// The race detector allocates, and makes pools forget: these tests are for a build without it.

package session_test

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// The most allocations of a request, the client's own included: gomemcache has 4 in a Get and 5 in a cas.
const (
	maxRead     = 9
	maxWrite    = 14
	maxNoCookie = 3
	maxForged   = 3
)

// The most bytes of a session of nine fields on a machine of 64 bits, with all that is allocated with it.
const maxSession = 640

// allocations is a request that is served again and again by a ResponseWriter that costs nothing.
type allocations struct {
	t        *testing.T
	sessions *fixture.Sessions
	request  *http.Request
	header   http.Header
}

func (a *allocations) Header() http.Header { return a.header }

func (a *allocations) Write(p []byte) (int, error) { return len(p), nil }

func (a *allocations) WriteHeader(int) {}

func (a *allocations) load() *fixture.Session {
	clear(a.header)
	s, err := a.sessions.Load(a, a.request)
	if err != nil {
		a.t.Fatal(err)
	}
	return s
}

func (a *allocations) expect(what string, limit float64, f func()) {
	a.t.Helper()
	if got := testing.AllocsPerRun(200, f); got > limit {
		a.t.Errorf("%s: %v allocations, want at most %v", what, got, limit)
	}
}

// storedSession returns allocations for a request with the cookie of a session with every field set.
func storedSession(t *testing.T) *allocations {
	t.Helper()
	store := connect(t, servertest.Memcached(t))
	sessions, err := fixture.NewSessions(store, session.Config{
		Secrets: [][]byte{fixture.Secret("s")}, SaveTimeout: time.Minute, // longer than any call, which then needs no goroutine
	})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s, err := sessions.Load(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	s.SetUserID(42)
	s.SetUserName("Ann")
	s.SetCart([]fixture.Item{{SKU: "tea", Qty: 2}, {SKU: "mug", Qty: 1}})
	s.SetPrefs(map[string]string{"lang": "en", "theme": "dark"})
	s.SetVisits(7)
	s.SetNotice("Welcome back.")
	s.SetOTP("314159")
	s.SetShip(&fixture.Address{City: "Graz", Zip: "8010"})
	s.SetLastSeen(time.Now())
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.AddCookie(w.Result().Cookies()[0])
	return &allocations{t: t, sessions: sessions, request: request, header: http.Header{}}
}

func TestReadingAStoredSessionAllocatesLittle(t *testing.T) {
	a := storedSession(t)
	a.expect("read one field", maxRead, func() {
		if s := a.load(); s.UserName() != "Ann" {
			t.Fatalf("name %q", s.UserName())
		}
	})
}

func TestMiddlewareAllocatesOnceMore(t *testing.T) {
	a := storedSession(t)
	body := []byte("Ann")
	handler := a.sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s, err := a.sessions.Get(r); err != nil || s.UserName() != "Ann" {
			t.Fatalf("%v, %v", s, err)
		}
		_, _ = w.Write(body)
	}))
	const visit = 1
	bare := testing.AllocsPerRun(200, func() { a.load() })
	a.expect("Middleware", bare+visit, func() {
		clear(a.header)
		handler.ServeHTTP(a, a.request)
	})
}

func TestChangingAFieldAllocatesLittle(t *testing.T) {
	a := storedSession(t)
	write := func() {
		s := a.load()
		if s.UserName() != "Ann" {
			t.Fatalf("name %q", s.UserName())
		}
		s.AddVisits(1)
		if err := s.Save(); err != nil {
			t.Fatal(err)
		}
	}
	// The client prints a number below 256 without an allocation. Records are longer, and versions, which count the writes
	// of a memcached, are soon greater.
	big := a.load()
	big.PutPrefs("about", strings.Repeat("a", 256))
	if err := big.Save(); err != nil {
		t.Fatal(err)
	}
	for range 256 {
		write()
	}
	a.expect("read one field, change one, save", maxWrite, write)
	if visits := a.load().Visits(); visits < 200 {
		t.Errorf("%d visits were saved", visits)
	}
}

func TestAVisitorWithoutASessionAllocatesNextToNothing(t *testing.T) {
	a := storedSession(t)
	cookie := a.request.Header.Get("Cookie")
	a.request.Header.Del("Cookie")
	a.expect("no cookie", maxNoCookie, func() { a.load() })

	end := byte('A')
	if cookie[len(cookie)-5] == end {
		end = 'B'
	}
	a.request.Header.Set("Cookie", cookie[:len(cookie)-5]+string(end)+cookie[len(cookie)-4:])
	a.expect("forged cookie", maxForged, func() {
		if s := a.load(); s.HasUserName() {
			t.Fatal("a forged cookie was taken for good")
		}
	})
}

func TestASessionAllocatesNoMoreThanAReaderNeeds(t *testing.T) {
	if size := unsafe.Sizeof(struct { // as generated code allocates them
		_ fixture.Session
		_ session.Core
		_ [9]record.Slot
	}{}); size > maxSession {
		t.Errorf("a session of nine fields takes %d bytes, want at most %d", size, maxSession)
	}
	a := storedSession(t)
	a.request.Header.Del("Cookie")
	const loads = 10_000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range loads {
		a.load()
	}
	runtime.ReadMemStats(&after)
	const background = maxSession / 10 // what the program allocates meanwhile, for each load
	if got := (after.TotalAlloc - before.TotalAlloc) / loads; got > maxSession+background {
		t.Errorf("a load of nothing allocates %d bytes, want at most %d", got, maxSession)
	}
}

func TestAccessorsOfScalarsAndStringsDoNotAllocate(t *testing.T) {
	a := storedSession(t)
	s := a.load()
	now := time.Now()
	for name, f := range map[string]func(){
		"UserID":      func() { _ = s.UserID() },
		"UserName":    func() { _ = s.UserName() },
		"LastSeen":    func() { _ = s.LastSeen() },
		"HasOTP":      func() { _ = s.HasOTP() },
		"SetUserID":   func() { s.SetUserID(43) },
		"SetUserName": func() { s.SetUserName("Bob") },
		"SetLastSeen": func() { s.SetLastSeen(now) },
		"AddVisits":   func() { s.AddVisits(1) },
	} {
		a.expect(name, 0, f)
	}
}
