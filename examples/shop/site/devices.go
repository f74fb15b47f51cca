package main

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// A device is a login of the visitor's account, a browser's or an app's.
type device struct {
	ID       string // names the login, and is no secret
	Name     string
	Since    time.Time
	LastSeen time.Time
	Kept     bool // beyond the end of the browser
	This     bool // the one that asks
}

// seen notes when the visitor was last here. Once a minute is enough for a page of devices; a note at each request
// would make each of them a write.
func (s *shop) seen(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v, now := s.sessions.Must(r), s.now(); now.Sub(v.LastSeen()) >= time.Minute {
			v.SetLastSeen(now)
		}
		next(w, r)
	})
}

// devices shows where the account is logged in.
func (s *shop) devices(w http.ResponseWriter, r *http.Request) {
	v := s.sessions.Must(r)
	list, err := SessionsOf(s.sessions, v.Account()).List(r.Context())
	if err != nil {
		s.sessionFailed(w, r, err)
		return
	}
	var devices []device
	for _, d := range list {
		m := d.Meta()
		devices = append(devices, device{
			ID: m.Device, Name: d.Device(), Since: d.Since(), LastSeen: d.LastSeen(), Kept: m.Remembered,
			This: m.Device == v.Meta().Device,
		})
	}
	// This one first; the others stay as List has them, the latest login first.
	rank := map[bool]int{true: 0, false: 1}
	slices.SortStableFunc(devices, func(x, y device) int { return cmp.Compare(rank[x.This], rank[y.This]) })
	s.render(w, r, http.StatusOK, "devices", page{Title: "devices.title", Devices: devices})
}

// endDevice logs one device out, from its next click on. One that is not the account's, or not any more, changes
// nothing.
func (s *shop) endDevice(w http.ResponseWriter, r *http.Request) {
	v, id := s.sessions.Must(r), r.PostFormValue("device")
	if id == v.Meta().Device {
		s.logout(w, r)
		return
	}
	switch err := SessionsOf(s.sessions, v.Account()).End(r.Context(), id); {
	case errors.Is(err, session.ErrGone):
		v.SetNotice(Notice{Text: "devices.gone"})
	case err != nil:
		s.unavailable(w, r, err, "unavailable.device")
		return
	default:
		v.SetNotice(Notice{Text: "devices.ended"})
	}
	http.Redirect(w, r, "/devices", http.StatusSeeOther)
}

// endOthers logs out all devices but this one. If this one has been logged out meanwhile nothing is done, and the guard
// sends it to the login.
func (s *shop) endOthers(w http.ResponseWriter, r *http.Request) {
	v := s.sessions.Must(r)
	switch err := SessionsOf(s.sessions, v.Account()).EndOthers(r.Context(), v); {
	case errors.Is(err, session.ErrGone):
	case err != nil:
		s.unavailable(w, r, err, "unavailable.device")
		return
	default:
		v.SetNotice(Notice{Text: "devices.others"})
	}
	http.Redirect(w, r, "/devices", http.StatusSeeOther)
}
