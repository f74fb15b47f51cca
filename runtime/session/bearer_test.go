package session_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func withBearer(c *session.Config) { c.Bearer = true }

// app returns the token of a session with so many visits, as a client has it that keeps no cookies.
func (s *lab) app(visits int64) (token string) {
	s.t.Helper()
	g := new(guest)
	s.visit(g, func(x *fixture.Session) { x.AddVisits(visits) })
	s.store.trips()
	return g.token()
}

// bearing is a request of a guest with Authorization headers beside the cookies.
func (g *guest) bearing(authorization ...string) *http.Request {
	r := g.request()
	r.Header["Authorization"] = authorization
	return r
}

// The ways in which a handler comes by its session. Each runs f with it, saves, and answers.
var bearerWays = map[string]func(*lab, http.ResponseWriter, *http.Request, func(*fixture.Session)){
	"Load": func(s *lab, w http.ResponseWriter, r *http.Request, f func(*fixture.Session)) {
		x, err := s.sessions.Load(w, r)
		if err != nil {
			s.t.Fatal(err)
		}
		f(x)
		if err := x.Save(); err != nil {
			s.t.Error(err)
		}
		w.WriteHeader(http.StatusNoContent)
	},
	"Middleware": func(s *lab, w http.ResponseWriter, r *http.Request, f func(*fixture.Session)) {
		s.sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			x, err := s.sessions.Get(r)
			if err != nil {
				s.t.Fatal(err)
			}
			f(x)
			w.WriteHeader(http.StatusNoContent)
		})).ServeHTTP(w, r)
	},
	"Handle": func(s *lab, w http.ResponseWriter, r *http.Request, f func(*fixture.Session)) {
		s.sessions.Handle(func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
			f(x)
			return nil
		}).ServeHTTP(w, r)
	},
	"Do": func(s *lab, w http.ResponseWriter, r *http.Request, f func(*fixture.Session)) {
		if err := s.sessions.Do(w, r, func(_ http.ResponseWriter, r *http.Request) error {
			x, err := s.sessions.FromContext(r.Context())
			if err == nil {
				f(x)
			}
			return err
		}); err != nil {
			s.t.Error(err)
		}
	},
	"Require": func(s *lab, w http.ResponseWriter, r *http.Request, f func(*fixture.Session)) {
		guard := s.sessions.Require((*fixture.Session).HasVisits, http.NotFoundHandler())
		s.sessions.Middleware(guard(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			f(s.sessions.Must(r))
		}))).ServeHTTP(w, r)
	},
}

func TestABearerRequestGetsATokenWhereABrowserGetsACookie(t *testing.T) {
	type answer int
	const (
		nothing answer = iota
		renewed
		expired
	)
	destroy := func(x *fixture.Session) {
		if err := x.Destroy(); err != nil {
			t.Error(err)
		}
	}
	for name, verb := range map[string]struct {
		do   func(*fixture.Session)
		want answer
	}{
		"look":             {func(x *fixture.Session) { _ = x.Visits() }, nothing},
		"save":             {visitOnce, nothing},
		"login":            {login, renewed},
		"remembered login": {loginRemembered, renewed},
		"renewal":          {func(x *fixture.Session) { x.Renew() }, renewed},
		"logout":           {destroy, expired},
		"logout and more":  {func(x *fixture.Session) { destroy(x); x.AddVisits(1) }, renewed},
	} {
		for way, serve := range bearerWays {
			for _, bearer := range []bool{true, false} {
				client := map[bool]string{true: "bearer", false: "browser"}[bearer]
				t.Run(name+"/"+way+"/"+client, func(t *testing.T) {
					s := newLab(t, withBearer)
					s.t = t
					browser := new(guest)
					s.visit(browser, func(x *fixture.Session) { x.AddVisits(1) })
					token, vary, visits := browser.token(), "Cookie, Authorization", int64(1)
					r := browser.request()
					if bearer {
						token, vary, visits = s.app(100), "Authorization", 100
						r = browser.bearing("Bearer " + token)
					}
					w := httptest.NewRecorder()
					serve(s, w, r, func(x *fixture.Session) {
						if x.Visits() != visits || x.Meta().Token != token {
							t.Errorf("the handler has the session of %v", x)
						}
						verb.do(x)
					})
					h := w.Result().Header
					if got := h["Vary"]; len(got) != 1 || got[0] != vary {
						t.Errorf("Vary: %q, want %q", got, vary)
					}
					wantCaching := ""
					if verb.want != nothing {
						wantCaching = "no-store"
					}
					if got := h.Get("Cache-Control"); got != wantCaching {
						t.Errorf("Cache-Control: %q, want %q", got, wantCaching)
					}
					sent, cookies := h["Session-Token"], w.Result().Cookies()
					if bearer && len(cookies) > 0 || !bearer && sent != nil {
						t.Fatalf("%v", h)
					}
					if !bearer {
						for _, c := range cookies {
							sent = append(sent, c.Value)
						}
					}
					switch {
					case verb.want == nothing && sent != nil, verb.want != nothing && len(sent) != 1,
						verb.want == expired && sent[0] != "", verb.want == renewed && sent[0] == token:
						t.Fatalf("%v", h)
					}
					after := token
					if sent != nil {
						after = sent[0]
						if _, err := s.sessions.Open(t.Context(), token); !errors.Is(err, session.ErrGone) {
							t.Errorf("the old token: %v", err)
						}
					}
					if after == "" {
						return
					}
					if x, err := s.sessions.Open(t.Context(), after); err != nil || x.Visits() == 0 {
						t.Errorf("the token that it has now: %v", err)
					}
				})
			}
		}
	}
}

func TestOneAuthorizationHeaderOfTheSchemeBearerMakesABearerRequest(t *testing.T) {
	other := newLab(t, withBearer, func(c *session.Config) { c.Cookie.Name = "__Host-other" })
	foreign := new(guest)
	other.visit(foreign, visitOnce)
	const (
		browsers = 1   // visits of the session in the cookie
		bearers  = 100 // of the one of the token
		none     = 0   // a bearer request whose token leads nowhere
	)
	for name, c := range map[string]struct {
		lines []string // T stands for the token
		want  int64    // visits of the session that is found
	}{
		"as it should be":         {[]string{"Bearer T"}, bearers},
		"lower case":              {[]string{"bearer T"}, bearers},
		"upper case":              {[]string{"BEARER T"}, bearers},
		"several spaces":          {[]string{"Bearer    T"}, bearers},
		"no token":                {[]string{"Bearer"}, none},
		"an empty token":          {[]string{"Bearer "}, none},
		"junk":                    {[]string{"Bearer junk"}, none},
		"a token and more":        {[]string{"Bearer T, Basic YTpi"}, none},
		"a token and a space":     {[]string{"Bearer T "}, none},
		"a token in quotes":       {[]string{`Bearer "T"`}, none},
		"another manager's":       {[]string{"Bearer " + foreign.cookies["__Host-other"]}, none},
		"a megabyte":              {[]string{"Bearer " + strings.Repeat("A", 1<<20)}, none},
		"two headers":             {[]string{"Bearer T", "Bearer T"}, browsers},
		"Basic after it":          {[]string{"Bearer T", "Basic YTpi"}, browsers},
		"Basic before it":         {[]string{"Basic YTpi", "Bearer T"}, browsers},
		"Basic":                   {[]string{"Basic YTpi"}, browsers},
		"a scheme that is longer": {[]string{"Bearers T"}, browsers},
		"a tab":                   {[]string{"Bearer\tT"}, browsers},
		"an empty header":         {[]string{""}, browsers},
		"no header":               {nil, browsers},
		"the token alone":         {[]string{"T"}, browsers},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t, withBearer)
			browser, token := s.known(), s.app(bearers)
			var lines []string
			for _, line := range c.lines {
				lines = append(lines, strings.Replace(line, "T", token, 1))
			}
			w := httptest.NewRecorder()
			x, err := s.sessions.Load(w, browser.bearing(lines...))
			if err != nil {
				t.Fatal(err)
			}
			if x.Visits() != c.want {
				t.Errorf("a session with %d visits, want %d", x.Visits(), c.want)
			}
			if c.want == none {
				wantTrips(t, s.store)
			} else {
				wantTrips(t, s.store, get)
			}
			login(x)
			if err := x.Save(); err != nil {
				t.Fatal(err)
			}
			sentToken := w.Header()["Session-Token"] != nil
			if c.want == browsers == sentToken || setsCookie(w.Header()) == sentToken {
				t.Errorf("%v", w.Header())
			}
		})
	}
}

func TestWithoutConfigBearerAnAuthorizationHeaderIsNotLookedAt(t *testing.T) {
	s := newLab(t)
	browser, token := s.known(), s.app(100)
	w := httptest.NewRecorder()
	x, err := s.sessions.Load(w, browser.bearing("Bearer "+token))
	if err != nil {
		t.Fatal(err)
	}
	login(x)
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	if h := w.Header(); x.Visits() != 1 || !setsCookie(h) || h["Session-Token"] != nil || !slices.Equal(h["Vary"], []string{"Cookie"}) {
		t.Errorf("%v, %v", x, h)
	}
}

func TestALogoutOfABearerExpiresTheTokenThatItOffers(t *testing.T) {
	for name, c := range map[string]struct {
		authorization string
		expires       bool
	}{
		"a token that is none": {"Bearer junk", true}, "no token": {"Bearer", false},
	} {
		s := newLab(t, withBearer)
		w := httptest.NewRecorder()
		x, err := s.sessions.Load(w, s.known().bearing(c.authorization))
		if err != nil {
			t.Fatal(err)
		}
		if err := x.Destroy(); err != nil {
			t.Error(err)
		}
		got, sent := w.Header()["Session-Token"]
		if sent != c.expires || sent && got[0] != "" || setsCookie(w.Header()) {
			t.Errorf("%s: %v", name, w.Header())
		}
	}
}

func TestAnOutageIsNoLogoutForABearerEither(t *testing.T) {
	s := newLab(t, withBearer)
	token := s.app(1)
	s.store.fail(always(errDown, get), nil)
	w := httptest.NewRecorder()
	if _, err := s.sessions.Load(w, new(guest).bearing("Bearer "+token)); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Load: %v", err)
	}
	x, err := s.sessions.Load(w, new(guest).bearing("Bearer x"))
	if err != nil || !x.Meta().New {
		t.Errorf("a token that needs no store: %v", err)
	}
	s.store.heal()
	s.clock.advance(ruleTimes.Lifetime)
	s.store.trips()
	if x, err = s.sessions.Load(w, new(guest).bearing("Bearer "+token)); err != nil || !x.Meta().New {
		t.Errorf("past its Lifetime: %v", err)
	}
	wantTrips(t, s.store)
}

func TestNoOtherLibrarysSessionIsCarriedOverToABearer(t *testing.T) {
	s := newLab(t, withBearer)
	old := &otherLibrary{users: map[string]string{"1": "ann"}}
	s.sessions = s.sessions.Import(old.carry)
	g := &guest{cookies: map[string]string{"old": "1"}}
	x, err := s.sessions.Load(httptest.NewRecorder(), g.bearing("Bearer junk"))
	if err != nil || !x.Meta().New || old.asked != 0 {
		t.Errorf("%v, %v, asked %d times", x, err, old.asked)
	}
}

// An app that carries its token and a browser with its cookie are devices of one list, and end like each other's.
func TestAnAppAndABrowserAreDevicesOfOneList(t *testing.T) {
	c := newClub(t, withBearer)
	browser, kept := c.login(ann), c.login(ann)
	// bear is a request of the app: with its token, or with an empty one to log in.
	bear := func(token string, f func(*member.Session)) (answer string) {
		r := httptest.NewRequest(http.MethodGet, "https://example.com/", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		x, err := c.members.Load(w, r)
		must(t, err)
		f(x)
		must(t, x.Save())
		if w.Header().Get("Set-Cookie") != "" {
			t.Error("an app gets a cookie")
		}
		return w.Header().Get("Session-Token")
	}
	login := func() (token, device string) {
		token = bear("", func(x *member.Session) { x.SetUserID(ann) })
		bear(token, func(x *member.Session) { device = x.Meta().Device })
		return token, device
	}
	userOf := func(token string) (user int64) {
		bear(token, func(x *member.Session) { user = x.UserID() })
		return user
	}
	token, device := login()
	if got, want := c.devices(ann), []string{device, c.device(kept), c.device(browser)}; !slices.Equal(got, want) {
		t.Fatalf("listed: %v, want %v", got, want)
	}
	if userOf(token) != ann {
		t.Fatal("the app is not logged in")
	}
	must(t, c.of(ann).End(t.Context(), device))
	if got := userOf(token); got != 0 {
		t.Errorf("the app that was ended is user %d", got)
	}
	c.wantUser(browser, ann)
	token, _ = login()
	s, _ := c.load(kept)
	must(t, c.of(ann).EndOthers(t.Context(), s))
	if got := userOf(token); got != 0 {
		t.Errorf("the app among the others is user %d", got)
	}
	c.wantUser(browser, 0)
	c.wantUser(kept, ann)
	token, _ = login()
	must(t, c.of(ann).EndAll(t.Context()))
	if got := userOf(token); got != 0 {
		t.Errorf("after EndAll the app is user %d", got)
	}
	c.wantUser(kept, 0)
}
