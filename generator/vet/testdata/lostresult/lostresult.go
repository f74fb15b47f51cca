// Package lostresult drops errors.
package lostresult

import (
	"net/http"

	"example.com/shop/web"
)

func handler(sessions *web.Sessions) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Load(w, r)
		if err != nil {
			return
		}
		s.SetTheme("dark")
		s.Save() // want `the error of the Save is dropped`
	}
}

func job(s *web.Session) error {
	s.SetTheme("dark")
	s.Save() // want `the error of the Save is dropped`
	return nil
}

func logout(s *web.Session) (bool, error) {
	s.Destroy() // want `the error of the Destroy is dropped`
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
		s.Save() // want `the error of the Save is dropped`
	}()
}

func expression(s *web.Session) error {
	if s.HasTheme() {
		(*web.Session).Destroy(s) // want `the error of the Destroy is dropped`
	}
	return nil
}

type page struct{ *web.Session }

func embedded(p page) {
	p.Save() // want `the error of the Save is dropped`
}

func fine(s *web.Session) error {
	_ = s.Save()
	err := s.Save()
	if err != nil {
		return s.Destroy()
	}
	return err
}
