package session_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

const cookieName = "__Host-session"

func TestPairsAreCutAsNetHTTPCutsThem(t *testing.T) {
	s := newLab(t)
	valid := cookieName + "=" + s.known().token()
	for _, c := range []struct {
		name  string
		lines []string
		ours  bool
	}{
		{"alone", []string{valid}, true},
		{"on a line of its own", []string{"y=2", "x=1;  " + valid + " "}, true},
		{"between tabs", []string{"x=1;\t" + valid + "\t;y=2"}, true},
		{"a space behind the name", []string{strings.Replace(valid, "=", " =", 1)}, true},
		{"in quotes", []string{strings.Replace(valid, "=", `="`, 1) + `"`}, true},
		{"among rubbish", []string{";;=;=x; ;" + cookieName + ";" + valid}, true},
		{"after many others", []string{strings.Repeat("x=1; ", 2999) + valid}, true},
		{"after too many others", []string{strings.Repeat("x=1; ", 3000) + valid}, false},
		{"after too many others on other lines", []string{strings.Repeat(";", 1500), strings.Repeat(";", 1499), valid}, false},
		{"another case", []string{strings.Replace(valid, "H", "h", 1)}, false},
		{"a no-break space before", []string{"\u00a0" + valid}, false},
		{"a no-break space as a Latin-1 byte before", []string{"\xa0" + valid}, false},
		{"a next line before", []string{"\u0085" + valid}, false},
		{"an en quad before", []string{"\u2000" + valid}, false},
		{"an ideographic space before", []string{"\u3000" + valid}, false},
		{"a vertical tab before", []string{"\v" + valid}, false},
		{"a form feed before", []string{"\f" + valid}, false},
		{"an en quad behind the name", []string{strings.Replace(valid, "=", "\u2000=", 1)}, false},
		{"a line separator behind", []string{valid + "\u2028"}, false},
		{"a byte order mark before", []string{"\ufeff" + valid}, false},
	} {
		r := httptest.NewRequest("GET", "https://shop.example/", nil)
		r.Header["Cookie"] = c.lines
		w := httptest.NewRecorder()
		x, err := s.sessions.Load(w, r)
		if err != nil {
			t.Fatal(err)
		}
		if shown := len(r.CookiesNamed(cookieName)) > 0; x.HasVisits() != c.ours || c.ours && !shown {
			t.Errorf("%s: ours is %v, want %v; net/http shows it: %v", c.name, x.HasVisits(), c.ours, shown)
		}
		// What else looks for the cookie sees the same: a logout expires one only if there is any.
		if !c.ours && len(r.CookiesNamed(cookieName)) == 0 {
			if err := x.Destroy(); err != nil || setsCookie(w.Header()) {
				t.Errorf("%s: a logout expires a cookie that is not there: %v, %v", c.name, w.Header(), err)
			}
		}
	}
}

// What a session was loaded by is a cookie that a handler sees too.
func FuzzAcceptedCookiesAreShownByNetHTTP(f *testing.F) {
	s := newLab(f)
	token := s.known().token()
	for _, seed := range []string{
		"\u2000" + cookieName + "=TOKEN", cookieName + "=TOKEN\u2028", "\xa0" + cookieName + "=TOKEN", cookieName + "\x85=TOKEN",
		"a=b;\t" + cookieName + "=\"TOKEN\"\n;", cookieName + "=TOKEN\xff", "\r\n" + cookieName + " = TOKEN", cookieName + "==TOKEN",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		r := httptest.NewRequest("GET", "https://shop.example/", nil)
		r.Header["Cookie"] = []string{strings.ReplaceAll(line, "TOKEN", token)}
		x, err := s.sessions.Load(httptest.NewRecorder(), r)
		if err != nil {
			t.Fatal(err)
		}
		shown := false
		for i, c := range r.CookiesNamed(cookieName) {
			shown = shown || i < 8 && c.Value == token
		}
		if x.HasVisits() != shown {
			t.Errorf("%q: accepted is %v, shown by net/http is %v", line, x.HasVisits(), shown)
		}
	})
}

// endings leave a guest with the cookie of a session that has ended.
var endings = map[string]func(*testing.T, *lab) *guest{
	"by a logout": func(t *testing.T, s *lab) *guest {
		g := s.known()
		old := *g
		old.cookies = map[string]string{cookieName: g.token()}
		x, _ := s.load(g)
		if err := x.Destroy(); err != nil {
			t.Fatal(err)
		}
		return &old
	},
	"by eviction": func(t *testing.T, s *lab) *guest {
		before := map[string]bool{}
		for key := range s.store.records {
			before[key] = true
		}
		g := s.known()
		for key := range s.store.records {
			if !before[key] {
				delete(s.store.records, key)
			}
		}
		return g
	},
	"by a renewal": func(t *testing.T, s *lab) *guest {
		g := s.known()
		old := &guest{cookies: map[string]string{cookieName: g.token()}}
		s.visit(g, func(x *fixture.Session) { x.Renew() })
		return old
	},
}

func TestADeadCookieHidesNoLiveOne(t *testing.T) {
	for name, ended := range endings {
		for _, order := range []string{"dead first", "live first"} {
			s := newLab(t)
			dead := ended(t, s).token()
			live := new(guest)
			s.visit(live, func(x *fixture.Session) { x.AddVisits(2) })
			lines := []string{cookieName + "=" + dead, cookieName + "=" + live.token()}
			if order == "live first" {
				lines[0], lines[1] = lines[1], lines[0]
			}
			g := &guest{extra: []string{strings.Join(lines, "; ")}}
			x, w := s.load(g)
			if x.Visits() != 2 {
				t.Errorf("%s, %s: %v", name, order, x)
			}
			x.AddVisits(1)
			if err := x.Save(); err != nil || setsCookie(w.Header()) {
				t.Errorf("%s, %s: Save: %v, %v", name, order, err, w.Header())
			}
			if got := s.fields(live); got.Visits != 3 {
				t.Errorf("%s, %s: saved to another session: %v", name, order, got)
			}
		}
	}
}

func TestACookiePastItsLifetimeHidesNoLiveOneAndCostsNoIO(t *testing.T) {
	s := newLab(t, func(c *session.Config) { c.IdleTimeout, c.Lifetime = time.Hour, time.Hour })
	old := s.known().token()
	s.clock.advance(time.Hour)
	live := s.known().token()
	for _, line := range []string{old + "; " + cookieName + "=" + live, live + "; " + cookieName + "=" + old} {
		if got := s.fields(&guest{extra: []string{cookieName + "=" + line}}); got.Visits != 1 {
			t.Errorf("%v", got)
		}
	}
	wantTrips(t, s.store, get, get)
}

func TestAYoungRenewalCountsOnlyIfNoOtherCookieIsLive(t *testing.T) {
	for _, order := range [][2]string{{"by a renewal", "by eviction"}, {"by eviction", "by a renewal"}, {"by a logout", "by a renewal"}} {
		s := newLab(t)
		first, second := endings[order[0]](t, s).token(), endings[order[1]](t, s).token()
		x, w := s.load(&guest{extra: []string{cookieName + "=" + first, cookieName + "=" + second}})
		if x.HasVisits() {
			t.Errorf("%v: %v", order, x)
		}
		x.AddVisits(1)
		if err := x.Save(); !errors.Is(err, session.ErrGone) || setsCookie(w.Header()) {
			t.Errorf("%v: Save: %v, %v", order, err, w.Header())
		}
	}
}

func TestAnOutageEndsTheSearchForALiveSession(t *testing.T) {
	s := newLab(t)
	dead, live := endings["by eviction"](t, s).token(), s.known().token()
	line := cookieName + "=" + dead + "; " + cookieName + "=" + live
	asked := 0
	s.store.fail(func(call, _ string) error {
		if asked++; asked == 1 {
			return errDown
		}
		return nil
	}, nil)
	r := (&guest{extra: []string{line}}).request()
	if x, err := s.sessions.Load(httptest.NewRecorder(), r); !errors.Is(err, session.ErrUnavailable) || x != nil {
		t.Errorf("%v, %v", x, err)
	}
	if asked != 1 {
		t.Errorf("the store was asked %d times", asked)
	}
}

func TestACookieLineOfAMillionPairsIsNotLookedAt(t *testing.T) {
	s := newLab(t)
	live := cookieName + "=" + s.known().token()
	flood := strings.Repeat(";", 1<<20)
	for name, line := range map[string]string{
		"the session's first": live + flood, "last": flood + live, "in two lines": flood, "none": flood + "a=b",
	} {
		r := (&guest{extra: []string{line, live}}).request()
		s.store.trips()
		if x, err := s.sessions.Load(httptest.NewRecorder(), r); err != nil || !x.Meta().New {
			t.Errorf("%s: %v, %v", name, x, err)
		}
		if trips := s.store.trips(); len(trips) != 0 {
			t.Errorf("%s: %v", name, trips)
		}
		if raceDetector {
			continue // which allocates
		}
		cost := func(r *http.Request) float64 {
			w := httptest.NewRecorder()
			return testing.AllocsPerRun(20, func() { _, _ = s.sessions.Load(w, r) })
		}
		if got, want := cost(r), cost(new(guest).request()); got > want {
			t.Errorf("%s: %v allocations, and %v without a cookie", name, got, want)
		}
	}
}

func TestAtMostFourCookiesAreAskedForAndEightLookedAt(t *testing.T) {
	s := newLab(t)
	live := cookieName + "=" + s.known().token()
	dead := func(n int) (lines []string) {
		for range n {
			lines = append(lines, cookieName+"="+endings["by eviction"](t, s).token())
		}
		return lines
	}
	forged := func(n int) []string { return slices.Repeat([]string{cookieName + "=forged"}, n) }
	for _, c := range []struct {
		name   string
		before []string
		gets   int
		found  bool
	}{
		{"three dead", dead(3), 7, true}, // each twice
		{"four dead", dead(4), 8, false},
		{"seven forged", forged(7), 1, true},
		{"eight forged", forged(8), 0, false},
		{"three dead and four forged", append(dead(3), forged(4)...), 7, true},
		{"three dead and five forged", append(dead(3), forged(5)...), 6, false},
	} {
		s.store.trips()
		got := s.fields(&guest{extra: append(c.before, live)})
		if trips := s.store.trips(); len(trips) != c.gets || got.Visits == 1 != c.found {
			t.Errorf("%s: %v, %d visits", c.name, trips, got.Visits)
		}
	}
}
