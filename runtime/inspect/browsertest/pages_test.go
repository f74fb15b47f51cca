package browsertest

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

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
func walk(b *tab, s *site, shows func(name string)) {
	b.t.Helper()
	b.visit("/debug/session")
	b.sees("You have none")
	shows("none")
	b.visit("/login?to=/bare")
	b.sees("Not guarded")
	shows("bare")
	for range 4 {
		s.happens()
	}
	b.visit("/login?to=/debug/session")
	b.sees("earlier ones")
	shows("index")
	b.visit("/debug/session?page=events")
	b.sees("misfit")
	shows("events")
	b.visit("/debug/session?page=events&session=none&still=1")
	b.sees("None of these")
	shows("events-none")
	b.visit("/debug/session")
	b.set(`input[name="owner"]`, "42")
	b.click(`button[value="list"]`)
	b.sees("End all")
	b.click("article:last-of-type summary")
	shows("owner")
	b.set(`input[name="owner"]`, "x")
	b.click(`button[value="list"]`)
	b.sees("this is no UserID")
	shows("owner-wrong")
}

func TestTheBrowserComplainsOfNoPageAndNoneIsTooWide(t *testing.T) {
	for _, width := range []int64{320, 390, 700, 1280} {
		s := serve(t)
		b := browse(t, s.URL)
		b.run(chromedp.EmulateViewport(width, 800))
		walk(b, s, func(name string) {
			b.t.Helper()
			if got := evaluate[int64](b, `document.documentElement.scrollWidth`); got > width || b.complaints() != "" {
				t.Errorf("%s in a window of %d is %d wide; complaints: %s", name, width, got, b.complaints())
			}
		})
	}
}

func TestEventsAppearWhileThePageIsOpen(t *testing.T) {
	for _, path := range []string{"/debug/session", "/debug/session?page=events&kind=saved"} {
		s := serve(t)
		b := browse(t, s.URL)
		b.visit(path)
		b.sees("None")
		b.loses("q3VZx0aJk2Lm")
		evaluate[string](b, `document.body.dataset.kept = "yes"`)
		s.happens()
		b.sees("q3VZx0aJk2Lm")
		if !evaluate[bool](b, `document.body.dataset.kept === "yes"`) {
			t.Error("the page was loaded anew, which takes away what somebody is typing")
		}
		if b.complaints() != "" {
			t.Error(b.complaints())
		}
	}
}

func TestEventsAppearWithoutAScriptToo(t *testing.T) {
	s := serve(t)
	b := browse(t, s.URL)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.visit("/debug/session?page=events&kind=saved")
	b.sees("None")
	s.happens()
	b.sees("q3VZx0aJk2Lm")
}

func TestASessionIsFoundByItsOwnerAndEnded(t *testing.T) {
	s := serve(t)
	b := browse(t, s.URL)
	b.visit("/login?to=/debug/session")
	b.set(`input[name="owner"]`, "42")
	b.click(`button[value="list"]`)
	b.sees("End all 1")
	b.click(`button[name="end"]`)
	b.sees("The session has ended")
	b.visit("/debug/session")
	b.sees("You have none")
}

func TestAFilterIsAForm(t *testing.T) {
	s := serve(t)
	s.happens()
	b := browse(t, s.URL)
	b.visit("/debug/session")
	b.set(`select[name="kind"]`, "failed")
	b.click(`form.filter button`)
	b.sees("unavailable")
	b.loses("<th scope=\"row\">saved</th>")
}

func TestPicturesOfAllPages(t *testing.T) {
	if *shots == "" {
		t.Skip("no -shots")
	}
	if err := os.MkdirAll(*shots, 0o755); err != nil {
		t.Fatal(err)
	}
	for device, size := range map[string][2]int64{"phone": {390, 844}, "desk": {1280, 900}} {
		for _, scheme := range []string{"light", "dark"} {
			s := serve(t)
			b := browse(t, s.URL)
			b.run(chromedp.EmulateViewport(size[0], size[1]))
			call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
			})
			walk(b, s, func(name string) {
				picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
				if err != nil {
					t.Fatal(err)
				}
				file := filepath.Join(*shots, name+"-"+device+"-"+scheme+".png")
				if err := os.WriteFile(file, picture, 0o644); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}
