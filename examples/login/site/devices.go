package site

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// A device is a login of the visitor's, as the page of devices shows it.
type device struct {
	ID       string // names the login, and is no secret
	Browser  string
	Since    time.Time
	LastSeen time.Time
	Kept     bool // beyond the end of the browser
	This     bool // the one that asks
}

// seen notes when the visitor was last here. Once a minute is enough for a page of devices; a note at each request would
// make each of them a write.
func (a *app) seen(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s, now := a.sessions.Must(r), a.now(); now.Sub(s.LastSeen()) >= time.Minute {
			s.SetLastSeen(now)
		}
		next.ServeHTTP(w, r)
	})
}

// devices shows where the visitor is logged in.
func (a *app) devices(w http.ResponseWriter, r *http.Request) {
	s := a.sessions.Must(r)
	list, err := SessionsOf(a.sessions, s.UserName()).List(r.Context())
	if err != nil {
		a.sessionFailed(w, r, err)
		return
	}
	var devices []device
	for _, d := range list {
		m := d.Meta()
		devices = append(devices, device{
			ID: m.Device, Browser: d.Browser(), Since: d.Since(), LastSeen: d.LastSeen(), Kept: m.Remembered,
			This: m.Device == s.Meta().Device,
		})
	}
	slices.SortStableFunc(devices, func(x, y device) int { return cmp.Compare(order(x), order(y)) })
	notice, _ := s.TakeNotice()
	a.render(w, r, http.StatusOK, "devices", page{Title: "Your devices", Notice: notice, User: s.UserName(), Devices: devices})
}

// order puts the device that asks first; the others stay as List has them, the latest login first.
func order(d device) int {
	if d.This {
		return 0
	}
	return 1
}

// endDevice logs one of the visitor's devices out. A device that is not theirs, or not any more, changes nothing.
func (a *app) endDevice(w http.ResponseWriter, r *http.Request) {
	s, id := a.sessions.Must(r), r.PostFormValue("device")
	if id == s.Meta().Device {
		a.logout(w, r)
		return
	}
	switch err := SessionsOf(a.sessions, s.UserName()).End(r.Context(), id); {
	case errors.Is(err, session.ErrGone):
		s.SetNotice("That device is not logged in any more.")
	case err != nil:
		a.unavailable(w, r, err, "That device may still be logged in: please try again.")
		return
	default:
		s.SetNotice("The device is logged out.")
	}
	http.Redirect(w, r, "/devices", http.StatusSeeOther)
}

// endOthers logs out all of the visitor's devices but this one. If this one has been logged out meanwhile nothing is
// done, and the guard sends it to the login.
func (a *app) endOthers(w http.ResponseWriter, r *http.Request) {
	s := a.sessions.Must(r)
	switch err := SessionsOf(a.sessions, s.UserName()).EndOthers(r.Context(), s); {
	case errors.Is(err, session.ErrGone):
	case err != nil:
		a.unavailable(w, r, err, "Your other devices may still be logged in: please try again.")
		return
	default:
		s.SetNotice("All other devices are logged out.")
	}
	http.Redirect(w, r, "/devices", http.StatusSeeOther)
}
