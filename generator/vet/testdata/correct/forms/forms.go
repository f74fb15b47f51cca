// Package forms has correct handlers of forms, and copies that are changed by others.
package forms

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"example.com/shop/web"
)

type app struct{ sessions *web.Sessions }

// validation collected in a slice of strings (not errors)
func (a *app) problems(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	var bad []string
	if r.FormValue("email") == "" {
		bad = append(bad, "email")
	}
	wz := s.Wizard()
	wz.Email = r.FormValue("email")
	s.SetWizard(wz)
	if len(bad) > 0 {
		show(w, bad)
		return
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func show(w io.Writer, v any) { json.NewEncoder(w).Encode(v) }

// response writer parameter typed io.Writer in helper
func (a *app) ioWriter(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	show(os.Stdout, s.Theme())
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	show(w, "ok")
}

// pointers: change through pointer and set
func (a *app) ptr(s *web.Session) {
	w := s.Wizard()
	p := &w
	p.Step++
	s.SetWizard(*p)
}

func (a *app) fillIn(s *web.Session) {
	w := s.Wizard()
	w.Tags = append(w.Tags, "x")
	defer s.SetWizard(w)
}

func (a *app) viaFunc(s *web.Session) {
	cart := s.Cart()
	mut(cart)
	s.SetCart(cart)
}
func mut(c []web.Item) { c[0].Qty = 1 }

func (a *app) decodeInto(s *web.Session, r *http.Request) error {
	ship := s.Ship()
	if ship == nil {
		return errors.New("no address")
	}
	if err := json.NewDecoder(r.Body).Decode(ship); err != nil {
		return err
	}
	ship.City = strings.ToUpper(ship.City)
	s.SetShip(ship)
	return nil
}

func (a *app) channelOut(s *web.Session, out chan<- []web.Item) {
	c := s.Cart()
	c[0].Qty = 0
	out <- c
}

func (a *app) fieldOut(s *web.Session, p *struct{ Items []web.Item }) {
	p.Items = s.Cart()
	p.Items[0].Qty = 0
}

func (a *app) sortAndIndex(s *web.Session) string {
	c := s.Cart()
	c[0].Qty = 9
	return c[0].SKU
}

func (a *app) maxQty(s *web.Session) bool {
	c := s.Cart()
	c = append(c, web.Item{Qty: 1})
	return len(c) > 10 // would it still fit?
}

func (a *app) overLimit(w http.ResponseWriter, s *web.Session, sku string) {
	if len(append(s.Cart(), web.Item{SKU: sku})) > 100 {
		http.Error(w, "cart is full", 409)
		return
	}
	s.AppendCart(web.Item{SKU: sku})
}

func (a *app) loggers(s *web.Session) {
	l := slog.With("user", s.UserID(), "session", s)
	l.Info("hello", "meta", s.Meta(), "size", s.Meta().Size, "admin", s.UserName() == "root")
	fmt.Println(s, s.Meta())
}

// deferred unlock, labelled continue, saved by caller
func (a *app) loaded(w http.ResponseWriter, r *http.Request) (*web.Session, error) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return nil, err
	}
	s.AddVisits(1)
	return s, nil
}

func (a *app) usesLoaded(w http.ResponseWriter, r *http.Request) {
	s, err := a.loaded(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}
