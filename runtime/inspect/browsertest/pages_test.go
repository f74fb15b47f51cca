package browsertest

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/browser"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/runtime/inspect"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

var shots = flag.String("shots", "", "leave pictures of all pages, on a phone and on a desk, light and dark, in this `folder`")

// A site has the inspector at /debug/session, without a guard at /bare, and a login at /login.
type site struct {
	*httptest.Server
	inspector *inspect.Inspector
}

func serve(t *testing.T) *site {
	t.Helper()
	sessions, err := member.NewSessions(memory.New(), session.Config{
		Secrets: [][]byte{fixture.Secret("browser")}, Cookie: session.Cookie{Insecure: true}, Logger: slog.New(slog.DiscardHandler),
		SaveTimeout: time.Minute, // a slow machine is no outage
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &site{inspector: inspect.New(sessions, inspect.Options{Store: twoNodes{memory.New()}, Last: 60})}
	mux := http.NewServeMux()
	mux.Handle("/debug/session", s.inspector)
	mux.HandleFunc("/bare", func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = "192.0.2.1:1"
		s.inspector.ServeHTTP(w, r)
	})
	mux.Handle("/login", sessions.Handle(func(w http.ResponseWriter, r *http.Request, m *member.Session) error {
		m.SetUserID(42)
		m.SetEmail("ada.king.countess.of.lovelace@analytical-engines.example.com")
		m.SetCSRF("secret")
		m.SetCart([]string{"green-tea", "kettle", "sugar"})
		m.SetPrefs(map[string]string{"lang": "en", "theme": "dark"})
		m.AddVisits(3)
		http.Redirect(w, r, r.FormValue("to"), http.StatusSeeOther)
		return nil
	}))
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// happens tells of one event of each kind.
func (s *site) happens() {
	for k := session.Loaded; k <= session.Failed; k++ {
		e := session.Event{
			Kind: k, Session: "q3VZx0aJk2Lm", Owner: "9Zr0abQcdE_1", Took: time.Duration(k*k) * 37 * time.Microsecond, Tries: int(k) % 3,
			Bytes: 1200 + int(k), Keys: []string{"cart", "prefs", "user_id"},
		}
		switch k {
		case session.Gone:
			e.Err = session.ErrGone
		case session.Failed:
			e.Err = errors.Join(session.ErrUnavailable, session.ErrUnknown)
		case session.Refused:
			e = session.Event{Kind: k, Err: session.ErrInvalidToken, Took: 800}
		}
		s.inspector.Observe(context.Background(), e)
	}
}

type twoNodes struct{ session.Store }

func (twoNodes) Nodes(context.Context) []session.Node {
	return []session.Node{
		{Name: "10.0.0.1:11211", Took: 310 * time.Microsecond},
		{Name: "10.0.0.2:11211", Detail: "skipped, after failures in a row",
			Err: errors.New("memcached 10.0.0.2:11211: ping: dial tcp 10.0.0.2:11211: connect: connection refused")},
	}
}

// walk goes through all pages, and tells of each.
func walk(b *browser.Tab, s *site, shows func(name string)) {
	b.Visit("/debug/session")
	b.Sees("You have none")
	shows("none")
	b.Visit("/login?to=/bare")
	b.Sees("Not guarded")
	shows("bare")
	for range 4 {
		s.happens()
	}
	b.Visit("/login?to=/debug/session")
	b.Sees("earlier ones")
	shows("index")
	b.Visit("/debug/session?page=events")
	b.Sees("misfit")
	shows("events")
	b.Visit("/debug/session?page=events&session=none&still=1")
	b.Sees("None of these")
	shows("events-none")
	b.Visit("/debug/session")
	b.Set(`input[name="owner"]`, "42")
	b.Click(`button[value="list"]`)
	b.Sees("End all")
	b.Click("article:last-of-type summary")
	shows("owner")
	b.Set(`input[name="owner"]`, "x")
	b.Click(`button[value="list"]`)
	b.Sees("this is no UserID")
	shows("owner-wrong")
}

func TestTheBrowserComplainsOfNoPageAndNoneIsTooWide(t *testing.T) {
	for _, width := range []int64{320, 390, 700, 1280} {
		s := serve(t)
		b := browser.Open(t, s.URL)
		b.Size(width, 800)
		walk(b, s, func(name string) {
			if got := b.Width(); got > width || b.Complaints() != "" {
				t.Errorf("%s in a window of %d is %d wide; complaints: %s", name, width, got, b.Complaints())
			}
		})
	}
}

func TestEventsAppearWhileThePageIsOpen(t *testing.T) {
	for _, path := range []string{"/debug/session", "/debug/session?page=events&kind=saved"} {
		s := serve(t)
		b := browser.Open(t, s.URL)
		b.Visit(path)
		b.Sees("None")
		b.Loses("q3VZx0aJk2Lm")
		browser.Evaluate[string](b, `document.body.dataset.kept = "yes"`)
		s.happens()
		b.Sees("q3VZx0aJk2Lm")
		if !browser.Evaluate[bool](b, `document.body.dataset.kept === "yes"`) {
			t.Error("the page was loaded anew, which takes away what somebody is typing")
		}
		if b.Complaints() != "" {
			t.Error(b.Complaints())
		}
	}
}

func TestEventsAppearWithoutAScriptToo(t *testing.T) {
	s := serve(t)
	b := browser.Open(t, s.URL)
	b.NoScripts()
	b.Visit("/debug/session?page=events&kind=saved")
	b.Sees("None")
	s.happens()
	b.Sees("q3VZx0aJk2Lm")
}

func TestASessionIsFoundByItsOwnerAndEnded(t *testing.T) {
	s := serve(t)
	b := browser.Open(t, s.URL)
	b.Visit("/login?to=/debug/session")
	b.Set(`input[name="owner"]`, "42")
	b.Click(`button[value="list"]`)
	b.Sees("End all 1")
	b.Click(`button[name="end"]`)
	b.Sees("The session has ended")
	b.Visit("/debug/session")
	b.Sees("You have none")
}

func TestAFilterIsAForm(t *testing.T) {
	s := serve(t)
	s.happens()
	b := browser.Open(t, s.URL)
	b.Visit("/debug/session")
	b.Set(`select[name="kind"]`, "failed")
	b.Click(`form.filter button`)
	b.Sees("unavailable")
	b.Loses("<th scope=\"row\">saved</th>")
}

func TestPicturesOfAllPages(t *testing.T) {
	for look := range browser.Looks(t, *shots) {
		s := serve(t)
		b := browser.Open(t, s.URL)
		look.Dress(b)
		walk(b, s, func(name string) { look.Shoot(b, name) })
	}
}
