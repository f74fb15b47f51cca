package main

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/sessiongen/sessiongen/examples/demo"
)

// maxTries is how many passwords one visitor may try in a quarter of an hour. See accounts.check for the limit of an
// account.
const maxTries = 5

// loginForm shows the form.
func (s *shop) loginForm(w http.ResponseWriter, r *http.Request) {
	v, err := s.sessions.Get(r)
	if err != nil {
		s.sessionFailed(w, r, err)
		return
	}
	next := demo.LocalPath(r.URL.Query().Get("next"))
	if v.HasAccount() {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	s.render(w, r, http.StatusOK, "login", page{Title: "login.title", Next: next})
}

// login checks a name and a password.
func (s *shop) login(w http.ResponseWriter, r *http.Request) {
	v, err := s.sessions.Get(r)
	if err != nil {
		s.sessionFailed(w, r, err)
		return
	}
	form := page{
		Title: "login.title", Next: demo.LocalPath(r.PostFormValue("next")),
		Entered: r.PostFormValue("name"), Keep: r.PostFormValue("keep") != "",
	}
	// CountLoginTries counts in the store, at once: of guesses that come in parallel each gets a number of its own.
	tries, err := v.CountLoginTries(1)
	if err != nil {
		s.sessionFailed(w, r, err)
		return
	}
	who, err := account{}, errTooManyTries
	if tries <= maxTries {
		who, err = s.accounts.check(form.Entered, r.PostFormValue("password"), s.now())
	}
	switch {
	case errors.Is(err, errTooManyTries):
		form.Problem = "login.many"
		s.render(w, r, http.StatusTooManyRequests, "login", form)
	case err != nil:
		form.Problem = "login.wrong"
		s.render(w, r, http.StatusUnprocessableEntity, "login", form)
	default:
		s.enter(v, who.ID, who.Name, demo.Browser(r.UserAgent()))
		v.Remember(form.Keep)
		http.Redirect(w, r, form.Next, http.StatusSeeOther)
	}
}

// enter makes a session an account's. Account is the owner: the session gets a new id, so that one that somebody
// planted in the browser before is worth nothing. What the guest had put into the cart stays.
func (s *shop) enter(v *Session, id, name, device string) {
	now := s.now()
	v.SetAccount(id)
	v.SetName(name)
	v.SetSince(now)
	v.SetLastSeen(now)
	v.SetDevice(device)
	v.ClearLoginTries()
	v.SetNotice(Notice{Text: "login.done"})
}

// logout ends the session. Language and theme are the browser's rather than the account's: they go on in a new session.
func (s *shop) logout(w http.ResponseWriter, r *http.Request) {
	v, err := s.sessions.Get(r)
	if err != nil {
		s.sessionFailed(w, r, err)
		return
	}
	prefs := v.Prefs()
	if err := v.Destroy(); err != nil {
		s.unavailable(w, r, err, "unavailable.logout")
		return
	}
	v.SetPrefs(prefs)
	v.SetNotice(Notice{Text: "logout.done"})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// toLogin sends a visitor who is not logged in to the form, which sends them back. What they wanted to post is lost:
// the session that it was meant for is over.
func toLogin(w http.ResponseWriter, r *http.Request) {
	target := "/login"
	if r.Method == http.MethodGet {
		target += "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}
