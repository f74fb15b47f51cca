// Package countlimit has limits that do not hold.
package countlimit

import (
	"errors"
	"fmt"
	"net/http"

	"example.com/shop/helpers"
	"example.com/shop/web"
	"github.com/gin-gonic/gin"
)

type app struct {
	*helpers.App
	sessions *web.Sessions
}

func (a *app) handled() http.Handler {
	return a.sessions.Handle(func(w http.ResponseWriter, r *http.Request, s *web.Session) error {
		if s.Tries() >= 5 { // want `this is no limit: requests that come together read the same Tries before AddTries on line 25 adds to it: compare what CountTries returns`
			http.Error(w, "too many", http.StatusTooManyRequests)
			return nil
		}
		s.AddTries(1)
		return nil
	})
}

func (a *app) loaded(w http.ResponseWriter, r *http.Request) {
	s, err := a.Session(w, r)
	if err != nil {
		return
	}
	if tries := s.Tries(); int(tries) > 4 { // want `this is no limit`
		http.Redirect(w, r, "/locked", http.StatusSeeOther)
		return
	}
	if r.FormValue("password") != "secret" {
		s.AddTries(1)
		if err := s.Save(); err != nil {
			helpers.Fail(w, err)
			return
		}
		http.Error(w, "wrong", http.StatusForbidden)
		return
	}
	s.ClearTries()
	if err := s.Save(); err != nil {
		helpers.Fail(w, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *app) within(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		return
	}
	if s.Tries() < 5 { // want `this is no limit: .* before AddTries on line 62`
		s.AddTries(1)
		fmt.Fprintln(w, "try")
	} else {
		http.Error(w, "too many", http.StatusTooManyRequests)
	}
}

func (a *app) addedFirst(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		return
	}
	s.AddTries(1)
	if s.Tries() > 5 { // want `this is no limit: .* before AddTries on line 74`
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	fmt.Fprintln(w, "try")
}

var errTooMany = errors.New("too many")

func attempt(s *web.Session, limit int64) error {
	switch {
	case s.Tries()+1 > limit: // want `this is no limit`
		return errTooMany
	case s.HasUserID():
		return nil
	}
	s.AddTries(1)
	return nil
}

func once(s *web.Session) error {
	if s.Tries() > 0 { // want `this is no limit`
		return errTooMany
	}
	s.AddTries(1)
	return nil
}

func set(s *web.Session) error {
	locked := s.Tries() >= 5 // want `this is no limit: .* before SetTries on line 108`
	if locked {
		return errTooMany
	}
	s.SetTries(s.Tries() + 1)
	return nil
}

func spend(s *web.Session, price int64) error {
	if price > s.Tries() { // want `this is no limit`
		return errTooMany
	}
	s.AddTries(-price)
	return nil
}

func spendOne(s *web.Session) error {
	if !(s.Tries() > 0) { // want `this is no limit`
		return errTooMany
	}
	s.AddTries(-1)
	return nil
}

func (a *app) gin(c *gin.Context) {
	s, err := a.sessions.Get(c.Request)
	if err != nil {
		return
	}
	if 5 <= s.Tries() { // want `this is no limit`
		c.AbortWithStatus(http.StatusTooManyRequests)
		return
	}
	s.AddTries(1)
	c.JSON(http.StatusOK, nil)
}

func twoConditions(w http.ResponseWriter, r *http.Request, s *web.Session) error {
	if r.Method == http.MethodPost && s.Tries() >= 5 { // want `this is no limit`
		http.Error(w, "too many", http.StatusTooManyRequests)
		return nil
	}
	s.AddTries(1)
	return nil
}

func (a *app) deferredBefore(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		return
	}
	defer s.AddTries(1)
	if s.Tries() >= 5 { // want `this is no limit: .* before AddTries on line 155 adds`
		http.Error(w, "too many", http.StatusTooManyRequests)
		return
	}
	fmt.Fprintln(w, "try")
}

func deferredBehind(s *web.Session, attempt func() error) error {
	if s.Tries() >= 5 { // want `this is no limit: .* before AddTries on line 167 adds`
		return errTooMany
	}
	defer s.AddTries(1)
	return attempt()
}

func deferredOnOnePath(w http.ResponseWriter, r *http.Request, s *web.Session) error {
	if r.Method == http.MethodPost {
		defer s.AddTries(1)
	}
	if s.Tries() >= 5 { // want `this is no limit`
		return errTooMany
	}
	return nil
}

func snapshot(s *web.Session) error {
	if s.Snapshot().Tries >= 5 { // want `this is no limit`
		return errTooMany
	}
	s.AddTries(1)
	return nil
}

func snapshotInAVariable(s *web.Session, limit int64) error {
	seen := s.Snapshot()
	if tries := seen.Tries + 1; tries > limit { // want `this is no limit: .* before SetTries on line 194 adds`
		return errTooMany
	}
	s.SetTries(seen.Tries + 1)
	return nil
}

// Counters that are compared to show something, or that are counted on at once.

func (a *app) shown(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		return
	}
	if s.Visits() >= 10 {
		fmt.Fprintln(w, "Thank you for ten visits!")
	}
	s.AddVisits(1)
	if s.Visits() > 3 {
		fmt.Fprintln(w, "Hello again!")
	} else {
		fmt.Fprintln(w, "Hello!")
	}
}

func (a *app) firstVisit(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		return
	}
	if s.Visits() > 0 {
		http.Redirect(w, r, "/home", http.StatusSeeOther)
		return
	}
	s.AddVisits(1)
	fmt.Fprintln(w, "Welcome!")
}

func (a *app) newcomers(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		return
	}
	if s.Visits() < 3 {
		fmt.Fprintln(w, "Take the tour!")
		return
	}
	s.AddVisits(1)
	fmt.Fprintln(w, "Welcome back!")
}

func (a *app) saturating(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		return
	}
	if s.Visits() < 100 {
		s.AddVisits(1)
	}
	fmt.Fprintln(w, s.Visits())
}

func (a *app) tenth(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		return
	}
	if s.Visits() == 10 {
		fmt.Fprintln(w, "Thank you for ten visits!")
		return
	}
	s.AddVisits(1)
}

func (a *app) savedBetween(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.AddTries(1)
	if err := s.Save(); err != nil { // merges with the others' additions
		helpers.Fail(w, err)
		return
	}
	if s.Tries() > 5 {
		http.Error(w, "too many", http.StatusTooManyRequests)
		return
	}
	fmt.Fprintln(w, "try")
}

func anotherCounter(s *web.Session) error {
	if s.Tries() >= 5 {
		return errTooMany
	}
	s.AddVisits(1)
	return nil
}

func anotherSession(s, t *web.Session) error {
	if s.Tries() >= 5 {
		return errTooMany
	}
	t.AddTries(1)
	return nil
}

func anotherFieldOfASnapshot(s *web.Session) error {
	if s.Snapshot().Visits >= 5 {
		return errTooMany
	}
	s.AddTries(1)
	return nil
}

func aSnapshotThatIsChanged(s *web.Session) error {
	seen := s.Snapshot()
	seen.Tries = 0
	if seen.Tries >= 5 {
		return errTooMany
	}
	s.AddTries(1)
	return nil
}

func deferredAndGivenBack(s *web.Session) error {
	defer s.AddTries(-1)
	if s.Tries() >= 5 {
		return errTooMany
	}
	return nil
}

func deferredBehindBoth(w http.ResponseWriter, r *http.Request, s *web.Session) error {
	defer s.AddVisits(1)
	if s.Visits() >= 10 {
		fmt.Fprintln(w, "Thank you for ten visits!")
		return nil
	}
	return nil
}

func methodInAVariable(s *web.Session) error {
	add := s.AddTries // gives the session away: out of scope
	if s.Tries() >= 5 {
		return errTooMany
	}
	add(1)
	return nil
}

func givenBack(s *web.Session, ok bool) error {
	if s.Tries() >= 5 {
		return errTooMany
	}
	if ok {
		s.AddTries(-1)
	}
	return nil
}

func list(s *web.Session) error {
	if len(s.Cart()) >= 5 {
		return errTooMany
	}
	s.AppendCart(web.Item{})
	return nil
}

func checkedAlone(s *web.Session) error {
	if s.Tries() >= 5 {
		return errTooMany
	}
	return nil
}
