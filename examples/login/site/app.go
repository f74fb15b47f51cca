package site

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sessiongen/sessiongen/examples/demo"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// An app is the site: a greeting behind a login.
type app struct {
	sessions *Sessions
	log      *slog.Logger
	now      func() time.Time
}

// newApp returns the whole site as one handler. It sets cfg.OnError and cfg.Logger itself.
func newApp(store session.Store, cfg session.Config, log *slog.Logger) (http.Handler, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	a := &app{log: log, now: cfg.Now}
	cfg.Logger = log
	cfg.OnError = a.sessionFailed
	var err error
	if a.sessions, err = NewSessions(store, cfg); err != nil {
		return nil, err
	}
	guard := a.sessions.Require((*Session).HasUserName, http.HandlerFunc(toLogin))
	member := func(page http.HandlerFunc) http.Handler { return guard(a.seen(page)) }

	mux := http.NewServeMux()
	mux.Handle("GET /{$}", member(a.home))
	mux.Handle("GET /account", member(a.account))
	mux.Handle("GET /devices", member(a.devices))
	mux.Handle("POST /devices/end", member(a.endDevice))
	mux.Handle("POST /devices/end-others", member(a.endOthers))
	mux.HandleFunc("GET /login", a.loginForm)
	mux.HandleFunc("POST /login", a.login)
	mux.HandleFunc("POST /logout", a.logout)
	mux.HandleFunc("GET /style.css", style)
	mux.HandleFunc("/", a.missing)

	// Posts from other sites are refused before a session is even looked at.
	return http.NewCrossOriginProtection().Handler(a.sessions.Middleware(mux)), nil
}

// home greets a visitor whom the guard has let through.
func (a *app) home(w http.ResponseWriter, r *http.Request) {
	s := a.sessions.Must(r)
	s.AddVisits(1)
	notice, _ := s.TakeNotice()
	a.render(w, r, http.StatusOK, "home", page{Title: "Hello", Notice: notice, User: s.UserName(), Visits: s.Visits()})
}

// account shows what the site knows about the session of a visitor whom the guard has let through.
func (a *app) account(w http.ResponseWriter, r *http.Request) {
	s := a.sessions.Must(r)
	s.AddVisits(1)
	notice, _ := s.TakeNotice()
	a.render(w, r, http.StatusOK, "account", page{
		Title: "Your session", Notice: notice, User: s.UserName(), Visits: s.Visits(), Since: s.Since(), Meta: s.Meta(),
	})
}

// loginForm shows the form. A visitor who only looks gets no cookie.
func (a *app) loginForm(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		a.sessionFailed(w, r, err)
		return
	}
	next := demo.LocalPath(r.URL.Query().Get("next"))
	if s.HasUserName() {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	notice, _ := s.TakeNotice()
	a.render(w, r, http.StatusOK, "login", page{Title: "Log in", Notice: notice, Next: next})
}

// maxName is in characters; the schema's max, in bytes, has room for four of each.
const maxName = 64

// login takes any name, as demos do. UserName is a renew field: the session gets a new id, so an id that somebody
// planted in the browser before is worth nothing afterwards.
func (a *app) login(w http.ResponseWriter, r *http.Request) {
	next := demo.LocalPath(r.PostFormValue("next"))
	name := strings.TrimSpace(r.PostFormValue("name"))
	keep := r.PostFormValue("keep") != ""
	if name == "" || utf8.RuneCountInString(name) > maxName {
		a.render(w, r, http.StatusUnprocessableEntity, "login", page{
			Title: "Log in", Next: next, Name: name, Keep: keep, Problem: fmt.Sprintf("Please enter a name of up to %d characters.", maxName),
		})
		return
	}
	s, err := a.sessions.Get(r)
	if err != nil {
		a.sessionFailed(w, r, err)
		return
	}
	now := a.now()
	s.SetUserName(name)
	s.Remember(keep)
	s.SetSince(now)
	s.SetLastSeen(now)
	s.SetBrowser(demo.Browser(r.UserAgent()))
	s.SetNotice("You are logged in.")
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// logout ends the session. The notice starts a new, anonymous one.
func (a *app) logout(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err == nil {
		err = s.Destroy()
	}
	if err != nil {
		a.sessionFailed(w, r, err)
		return
	}
	s.SetNotice("You are logged out.")
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// missing answers what the site does not have. It looks at no session: an outage of the store does not change that.
func (a *app) missing(w http.ResponseWriter, r *http.Request) {
	a.render(w, r, http.StatusNotFound, "missing", page{Title: "No such page"})
}

// toLogin sends a visitor who is not logged in to the form, which sends them back. What they wanted to post is lost: the
// session that it was meant for is over.
func toLogin(w http.ResponseWriter, r *http.Request) {
	target := "/login"
	if r.Method == http.MethodGet && r.URL.Path != "/" {
		target += "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// sessionFailed answers when the session could not be loaded or saved: an outage is not a logout, and says so.
func (a *app) sessionFailed(w http.ResponseWriter, r *http.Request, err error) {
	a.unavailable(w, r, err, "If you were logged in, you still are: nothing is lost.")
}

// unavailable answers when the store does not, and says what that means for what the visitor wanted.
func (a *app) unavailable(w http.ResponseWriter, r *http.Request, err error, meaning string) {
	a.log.ErrorContext(r.Context(), "session failed", "error", err)
	w.Header().Set("Retry-After", "5")
	a.render(w, r, http.StatusServiceUnavailable, "unavailable", page{Title: "One moment, please", Problem: meaning})
}
