// Package lostresult drops errors.
package lostresult

import (
	"errors"
	"fmt"
	"log"
	"net/http"

	"example.com/shop/helpers"
	"example.com/shop/web"
)

func handler(sessions *web.Sessions) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Load(w, r)
		if err != nil {
			return
		}
		s.SetTheme("dark")
		s.Save() // want `the error of Save is dropped`
	}
}

func job(s *web.Session) error {
	s.SetTheme("dark")
	s.Save() // want `the error of Save is dropped`
	return nil
}

func logout(s *web.Session) (bool, error) {
	s.Destroy() // want `the error of Destroy is dropped`
	return true, nil
}

func deferred(s *web.Session) {
	defer s.Save() // want `the error of the deferred Save is dropped`
	s.SetTheme("dark")
}

func concurrent(s *web.Session) {
	go s.Save() // want `the error of the concurrent Save is dropped`
}

func inLiteral(s *web.Admin) {
	defer func() {
		s.SetLogin("")
		s.Save() // want `the error of Save is dropped`
	}()
}

func expression(s *web.Session) error {
	if s.HasTheme() {
		(*web.Session).Destroy(s) // want `the error of Destroy is dropped`
	}
	return nil
}

type page struct{ *web.Session }

func embedded(p page) {
	p.Save() // want `the error of Save is dropped`
}

func fine(s *web.Session) error {
	_ = s.Save()
	err := s.Save()
	if err != nil {
		return s.Destroy()
	}
	return err
}

// Behind functions that pass the error on.

type app struct{ sessions *web.Sessions }

func (a *app) logout(s *web.Session) error { return s.Destroy() }

func (a *app) logoutOf(s *web.Session, name string) (string, error) {
	if err := a.logout(s); err != nil {
		return "", fmt.Errorf("log out %s: %w", name, err)
	}
	return name, nil
}

func (a *app) finish(s *web.Session) error {
	s.SetTheme("dark")
	err := s.Save()
	if err != nil {
		return err
	}
	return nil
}

func both(s *web.Session, admin *web.Admin) error {
	return errors.Join(s.Destroy(), admin.Destroy())
}

func (a *app) behind(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	a.logout(s)           // want `the error of logout is dropped, which is that of Destroy`
	a.logoutOf(s, "anna") // want `the error of logoutOf is dropped, which is that of Destroy`
	defer a.finish(s)     // want `the error of the deferred finish is dropped, which is that of Save`
	both(s, nil)          // want `the error of both is dropped, which is that of Destroy`
	helpers.Commit(s)     // want `the error of Commit is dropped, which is that of Save`
	s.Finish()            // want `the error of Finish is dropped, which is that of Save`
	again(s, 3)           // want `the error of again is dropped, which is that of Save`
}

func again(s *web.Session, n int) error {
	if n > 0 {
		return again(s, n-1)
	}
	return s.Save()
}

func values(s *web.Session) {
	end := s.Destroy
	defer end() // want `the error of the deferred end is dropped, which is that of Destroy`
	save := func() error { return s.Save() }
	save() // want `the error of save is dropped, which is that of Save`
}

// What has been answered or logged is not lost.

func (a *app) saveOr(w http.ResponseWriter, s *web.Session) error {
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return err
	}
	return nil
}

func logged(s *web.Session) error {
	err := s.Destroy()
	if err != nil {
		log.Print(err)
	}
	return err
}

func other(s *web.Session, w http.ResponseWriter) error {
	err := s.Save()
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return nil
	}
	_, err = fmt.Fprint(w, "ok")
	return err
}

func told(s *web.Session) (err error) {
	if err = s.Save(); errors.Is(err, http.ErrAbortHandler) {
		return err
	}
	return nil
}

func (a *app) answered(w http.ResponseWriter, s *web.Session, save func() error) {
	a.saveOr(w, s)
	logged(s)
	other(s, w)
	told(s)
	save()
	_ = a.logout(s)
	if err := a.finish(s); err != nil {
		log.Print(err)
	}
	saver := func() error { return nil }
	saver()
}

// Counting and Do.

func (a *app) counts(w http.ResponseWriter, s *web.Session) {
	s.CountTries(1)       // want `the error of CountTries is dropped`
	defer s.CountTries(1) // want `the error of the deferred CountTries is dropped`
	if tries, err := s.CountTries(1); err != nil || tries > 5 {
		http.Error(w, "too many", http.StatusTooManyRequests)
	}
	_, _ = s.CountTries(1)
	sum, _ := s.CountTries(1) // want `the error of CountTries is dropped`
	if sum > 5 {
		http.Error(w, "too many", http.StatusTooManyRequests)
	}
}

func (a *app) within(w http.ResponseWriter, r *http.Request) {
	next := func(w http.ResponseWriter, r *http.Request) error { return nil }
	a.sessions.Do(w, r, next) // want `the error of Do is dropped`
	if err := a.sessions.Do(w, r, next); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}
