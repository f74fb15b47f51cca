package session_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
	"github.com/sessiongen/sessiongen/internal/concurrency"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A turnstile is a store whose calls are let through one at a time, in an order that a seed decides, and fail now and
// then as stores do: before the call, without an answer, or after it.
type turnstile struct {
	session.Store
	rng    *rand.Rand
	faults int // in a hundred

	mu      sync.Mutex
	waiting []chan int
}

func (x *turnstile) call(do func() error) error {
	turn := make(chan int)
	x.mu.Lock()
	x.waiting = append(x.waiting, turn)
	x.mu.Unlock()
	switch <-turn {
	case 1:
		return errDown
	case 2:
		return errTimeout
	case 3:
		_ = do()
		return errTimeout
	}
	return do()
}

// next lets one of those who wait through, and reports whether there was any.
func (x *turnstile) next() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.waiting) == 0 {
		return false
	}
	i := x.rng.IntN(len(x.waiting))
	turn := x.waiting[i]
	x.waiting = slices.Delete(x.waiting, i, i+1)
	fate := 0
	if x.rng.IntN(100) < x.faults {
		fate = 1 + x.rng.IntN(3)
	}
	turn <- fate
	return true
}

func (x *turnstile) Get(ctx context.Context, key string) (value []byte, v session.Version, err error) {
	err = x.call(func() error {
		value, v, err = x.Store.Get(ctx, key)
		return err
	})
	return value, v, err
}

func (x *turnstile) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return x.call(func() error { return x.Store.Add(ctx, key, value, ttl) })
}

func (x *turnstile) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	return x.call(func() error { return x.Store.Swap(ctx, key, value, v, ttl) })
}

func (x *turnstile) Touch(ctx context.Context, key string, ttl time.Duration) error {
	return x.call(func() error { return x.Store.Touch(ctx, key, ttl) })
}

func (x *turnstile) Delete(ctx context.Context, key string) error {
	return x.call(func() error { return x.Store.Delete(ctx, key) })
}

// A history of owners: what has logged in as which device, and what has ended it. Times are numbers of events.
type ownerHistory struct {
	mu      sync.Mutex
	time    int
	logins  map[string]*ownerLogin // by device
	begun   map[int64]int          // logins of a user, that have been acknowledged or not
	renewed map[string]bool        // cookies whose session may have another id by now
	endings []*ownerEnding
	loads   int // of who was in, and had to be
	wrong   []string
}

type ownerLogin struct {
	user        int64
	entered     int // when the Save of the login had returned; 0: it has not
	over, ended int // when what ends it for certain had returned; when something that may end it began
}

func (h *ownerHistory) now() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.time++
	return h.time
}

func (h *ownerHistory) check(holds bool, format string, args ...any) {
	if !holds {
		h.mu.Lock()
		h.wrong = append(h.wrong, fmt.Sprintf(format, args...))
		h.mu.Unlock()
	}
}

// mayEnd notes that something which may end sessions has begun: those of a user, but for one, or one device. The
// function that it returns notes that it is over.
func (h *ownerHistory) mayEnd(user int64, device, keep string) (over func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.time++
	x := &ownerEnding{user: user}
	if device == "" && user != 0 {
		h.endings = append(h.endings, x)
	}
	for d, l := range h.logins {
		if (d == device || device == "" && l.user == user && d != keep) && l.ended == 0 {
			l.ended = h.time
		}
	}
	return func() {
		h.mu.Lock()
		h.time++
		x.over = h.time
		h.mu.Unlock()
	}
}

// hasEnded notes that it has returned nil.
func (h *ownerHistory) hasEnded(began int, user int64, device, keep string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.time++
	for d, l := range h.logins {
		certain := d == device || device == "" && l.user == user && d != keep && l.entered > 0 && l.entered < began
		if certain && l.over == 0 {
			l.over = h.time
		}
	}
}

// seen checks a session that a request which began at some time has loaded.
func (h *ownerHistory) seen(began int, s *member.Session) {
	user, device := s.UserID(), s.Meta().Device
	h.mu.Lock()
	l := h.logins[device]
	bad := ""
	switch {
	case user == 0 && device != "":
		bad = "nobody has a device"
	case user == 0:
	case l == nil:
		// Of a login whose Save has failed in some way nobody has the cookie.
		bad = fmt.Sprintf("user %d is in as a device that has never logged in", user)
	case l.user != user:
		bad = fmt.Sprintf("a device of user %d is user %d", l.user, user)
	case l.over > 0 && l.over < began:
		bad = fmt.Sprintf("user %d is in after the end", user)
	}
	h.mu.Unlock()
	h.check(bad == "", "%s", bad)
	for _, tag := range s.Cart() {
		h.check(tag == fmt.Sprint(user) || tag == "0", "user %d has what is of user %s", user, tag)
	}
}

// An ownerBrowser sends requests, one after the other or a few at once.
type ownerBrowser struct {
	mu     sync.Mutex
	cookie string
	device string // as which the cookie is
}

// An ownerEnding is something that may end any session of a user.
type ownerEnding struct {
	user int64
	over int // when it had returned; 0: it has not
}

// TestEveryHistoryOfOwnersKeepsThePromises runs random histories of browsers in which users log in, change and log out
// while their sessions are ended, on two processes, one of which is in the midst of a rotation, with faults of the
// store; and checks of each load that who is in has logged in as that and was not ended before, that nobody has what is
// another's, and, where nothing has failed, that nobody is out who should be in.
func TestEveryHistoryOfOwnersKeepsThePromises(t *testing.T) {
	first, seeds := someSeeds()
	loads := 0
	for seed := first; seed < first+seeds && !t.Failed(); seed++ {
		h := &ownerHistory{logins: map[string]*ownerLogin{}, begun: map[int64]int{}, renewed: map[string]bool{}}
		bubble.Test(t, func(t *testing.T) { h.play(t, seed) })
		loads += h.loads
		for _, wrong := range h.wrong {
			t.Errorf("seed %d: %s", seed, wrong)
		}
		if t.Failed() {
			t.Logf("again: go test ./runtime/session -run '^%s$' -model.seed=%d", t.Name(), seed)
		}
	}
	if seeds > 100 && loads < int(seeds) {
		t.Errorf("%d loads of who had to be in, in %d histories", loads, seeds)
	}
}

func (h *ownerHistory) play(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 3))
	store := &turnstile{Store: newFaultyStore(t, time.Now), rng: rng, faults: []int{0, 0, 1, 5, 20}[rng.IntN(5)]}
	var m []*member.Sessions
	for i := range 2 {
		cfg := concurrency.Config()
		cfg.Cookie.Insecure = false
		cfg.SaveTimeout = time.Second
		switch rng.IntN(3) {
		case 0:
			cfg.Secrets = [][]byte{fixture.Secret("a"), fixture.Secret("b")}
		case 1:
			if i == 1 {
				cfg.Secrets = [][]byte{fixture.Secret("b"), fixture.Secret("a")}
				break
			}
			fallthrough
		default:
			cfg.Secrets = [][]byte{fixture.Secret("a"), fixture.Secret("b")}
		}
		x, err := member.NewSessions(store, cfg)
		if err != nil {
			t.Fatal(err)
		}
		x.SetJitter(func(bound time.Duration) time.Duration { return bound*2/3 + 7 })
		m = append(m, x)
	}
	browsers, sound := []*ownerBrowser{{}, {}, {}}, store.faults == 0
	var clients sync.WaitGroup
	running := 0
	for i := range 2 + rng.IntN(4) {
		own := rand.New(rand.NewPCG(seed, uint64(i)+10))
		store.mu.Lock()
		running++
		store.mu.Unlock()
		clients.Go(func() {
			for range 2 + own.IntN(5) {
				h.request(own, m[own.IntN(len(m))], browsers[own.IntN(len(browsers))], sound)
			}
			store.mu.Lock()
			running--
			store.mu.Unlock()
		})
	}
	for {
		synctest.Wait()
		if store.next() {
			continue
		}
		store.mu.Lock()
		over := running == 0 && len(store.waiting) == 0 && m[0].Unended()+m[1].Unended() == 0
		if running == 0 {
			store.faults = 0 // what is tried again in the background may end
		}
		store.mu.Unlock()
		if over {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	clients.Wait()
}

// request is one request of a browser.
func (h *ownerHistory) request(rng *rand.Rand, m *member.Sessions, b *ownerBrowser, sound bool) {
	began := h.now()
	b.mu.Lock()
	cookie, as := b.cookie, b.device
	b.mu.Unlock()
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "https://club.example/", nil)
	if cookie != "" {
		r.Header.Set("Cookie", "__Host-session="+cookie)
	}
	s, err := m.Load(w, r)
	if err != nil {
		h.check(!sound && errors.Is(err, session.ErrUnavailable), "Load: %v", err)
		return
	}
	h.seen(began, s)
	if sound {
		h.mustBeIn(cookie, as, s)
	}
	user, device := s.UserID(), s.Meta().Device
	renews := func() {
		h.mu.Lock()
		h.renewed[cookie] = true
		h.mu.Unlock()
	}
	switch op := rng.IntN(12); {
	case op < 2 || user == 0 && op < 8:
		renews()
		h.login(rng, b, s, w, user, device)
	case op < 5:
		s.AppendCart(fmt.Sprint(user))
		h.save(b, s, w, sound)
	case op < 8:
		renews()
		s.SetEmail(strings.Repeat("x", rng.IntN(5)))
		h.save(b, s, w, sound)
	case op < 9:
		if user == 0 {
			return
		}
		h.mayEnd(0, device, "")
		if s.Destroy() == nil {
			h.hasEnded(began, 0, device, "")
		}
		b.keep(w, s)
	case op < 10:
		if user == 0 {
			return
		}
		renews()
		h.mayEnd(0, device, "")
		s.ClearUserID()
		s.AddVisits(1)
		if h.save(b, s, w, sound) {
			h.hasEnded(began, 0, device, "")
		}
	default:
		h.end(rng, m, s, user, device, sound)
	}
}

func (h *ownerHistory) login(
	rng *rand.Rand, b *ownerBrowser, s *member.Session, w *httptest.ResponseRecorder, user int64, device string,
) {
	next := 1 + rng.Int64N(2)
	if next == user {
		s.SetUserID(next)
		h.save(b, s, w, false)
		return
	}
	began := h.now()
	h.mayEnd(0, device, "")
	h.mu.Lock()
	h.begun[next]++
	full := h.begun[next] > 5
	h.mu.Unlock()
	if full { // it may end the oldest
		defer h.mayEnd(next, "", "")()
	}
	s.SetUserID(next)
	s.AppendCart(fmt.Sprint(next))
	if err := s.Save(); err != nil {
		h.check(errors.Is(err, session.ErrUnavailable) || errors.Is(err, session.ErrUnknown) ||
			errors.Is(err, session.ErrConflict), "login: %v", err)
		return
	}
	h.mu.Lock()
	h.time++
	l := &ownerLogin{user: next, entered: h.time}
	for _, x := range h.endings {
		if x.user == next && (x.over == 0 || x.over > began) {
			l.ended = h.time // perhaps: it was under way
		}
	}
	h.logins[s.Meta().Device] = l
	h.mu.Unlock()
	if device != "" {
		h.hasEnded(began, 0, device, "")
	}
	b.keep(w, s)
}

// mustBeIn checks that a cookie which was sent last, and whose session nothing has begun to end or to renew, is in.
func (h *ownerHistory) mustBeIn(cookie, as string, s *member.Session) {
	h.mu.Lock()
	l := h.logins[as]
	must := l != nil && l.ended == 0 && !h.renewed[cookie]
	if must {
		h.loads++
	}
	h.mu.Unlock()
	h.check(!must || s.UserID() == l.user, "a login is out that nothing has ended: %v", s)
}

// save saves what is no login.
func (h *ownerHistory) save(b *ownerBrowser, s *member.Session, w *httptest.ResponseRecorder, sound bool) bool {
	err := s.Save()
	if err == nil {
		b.keep(w, s)
		return true
	}
	h.check(!sound || errors.Is(err, session.ErrGone) || errors.Is(err, session.ErrConflict), "Save: %v", err)
	return false
}

func (b *ownerBrowser) keep(w *httptest.ResponseRecorder, s *member.Session) {
	device := s.Meta().Device
	for _, c := range w.Result().Cookies() {
		b.mu.Lock()
		if b.cookie, b.device = c.Value, device; c.MaxAge < 0 {
			b.cookie, b.device = "", ""
		}
		b.mu.Unlock()
	}
}

// end ends sessions in one of three ways, or lists them.
func (h *ownerHistory) end(
	rng *rand.Rand, m *member.Sessions, s *member.Session, user int64, device string, sound bool,
) {
	of := 1 + rng.Int64N(2)
	owner, ctx := member.SessionsOf(m, of), context.Background()
	began := h.now()
	var err error
	switch rng.IntN(4) {
	case 0:
		list, failed := owner.List(ctx)
		for _, x := range list {
			h.check(x.UserID() == of && x.Meta().Token == "", "listed: %v of user %d", x, of)
		}
		err = failed
	case 1:
		defer h.mayEnd(of, "", "")()
		if err = owner.EndAll(ctx); err == nil {
			h.hasEnded(began, of, "", "")
		}
	case 2:
		if user != of {
			if err = owner.EndOthers(ctx, s); !errors.Is(err, session.ErrGone) {
				h.check(err != nil && !sound, "EndOthers of another's: %v", err)
			}
			return
		}
		defer h.mayEnd(of, "", device)()
		if err = owner.EndOthers(ctx, s); err == nil {
			h.hasEnded(began, of, "", device)
		} else if errors.Is(err, session.ErrGone) {
			return
		}
	default:
		h.mayEnd(0, device, "")
		if err = owner.End(ctx, device); err == nil {
			h.check(user == of, "a device of user %d was ended as of user %d", user, of)
			h.hasEnded(began, 0, device, "")
		} else if errors.Is(err, session.ErrGone) {
			return
		}
	}
	h.check(err == nil || !sound, "of user %d: %v", of, err)
}
