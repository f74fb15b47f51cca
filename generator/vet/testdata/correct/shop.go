// Package correct is a shop whose handlers are right, each in another way. No analyzer has anything to say about it.
package correct

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"time"

	"example.com/shop/helpers"
	"example.com/shop/web"
	"github.com/sessiongen/sessiongen/runtime/session"
)

type app struct {
	*helpers.App
	sessions *web.Sessions
	admins   *web.Admins
	log      *slog.Logger
	pages    *template.Template
	db       database
	mailer   mailer
}

type database interface {
	User(ctx context.Context, name, password string) (user, error)
	Price(sku string) (int, error)
	Order(ctx context.Context, items []web.Item) (int64, error)
	Remember(s *web.Session) error
}

type mailer interface{ Send(to, body string) error }

type user struct {
	ID    int64
	Name  string
	Admin bool
}

var (
	errWrongPassword = errors.New("wrong password")
	errNoStock       = errors.New("no stock")
)

// Reading.

func (a *app) home(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintf(w, "Hello %s, theme %s", s.UserName(), s.Theme())
}

func (a *app) greeting(w http.ResponseWriter, r *http.Request) {
	s, err := a.Session(w, r)
	if err != nil {
		helpers.Fail(w, err)
		return
	}
	notice, _ := s.TakeNotice()
	if err := a.pages.ExecuteTemplate(w, "home", map[string]any{"Name": helpers.Name(s), "Notice": notice}); err != nil {
		a.log.Error("page", "err", err)
	}
}

// flash needs no Save for what it takes.
func (a *app) flash(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if notice, ok := s.TakeNotice(); ok {
		fmt.Fprintln(w, notice)
	}
}

func (a *app) debug(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	a.log.Info("session", "session", s, "meta", s.Meta())
	fmt.Fprintln(w, s)
	fmt.Printf("%+v %v\n", s.Meta(), s.Snapshot().Theme)
}

// Login and logout.

func (a *app) login(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	u, err := a.db.User(r.Context(), r.PostFormValue("name"), r.PostFormValue("password"))
	if errors.Is(err, errWrongPassword) {
		s.SetNotice("wrong password")
		if err := s.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return
	}
	if err != nil {
		http.Error(w, "try again", http.StatusInternalServerError)
		return
	}
	s.SetUserID(u.ID)
	s.SetUserName(u.Name)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *app) loginSwitch(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	target := "/"
	switch u, err := a.db.User(r.Context(), r.PostFormValue("name"), r.PostFormValue("password")); {
	case err == nil:
		helpers.Login(s, u.ID, u.Name)
	case errors.Is(err, errWrongPassword):
		s.SetNotice("wrong password")
		target = "/login"
	default:
		http.Error(w, "try again", http.StatusInternalServerError)
		return
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

func (a *app) logout(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err == nil {
		err = s.Destroy()
	}
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *app) logoutWithNotice(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if err := s.Destroy(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetNotice("You are logged out.")
	if err := s.Save(); err != nil && !errors.Is(err, session.ErrGone) {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// changedThenDestroyed drops its change on purpose.
func (a *app) changedThenDestroyed(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.ClearUserID()
	if err := s.Destroy(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (a *app) logoutBestEffort(w http.ResponseWriter, r *http.Request) {
	if s, err := a.sessions.Load(w, r); err == nil {
		_ = s.Destroy()
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *app) privilege(w http.ResponseWriter, r *http.Request) {
	admin, err := a.admins.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	admin.SetLogin(r.FormValue("name"))
	admin.AppendRoles("editor", "author")
	admin.Renew()
	if err := admin.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintf(w, "%v", admin.Snapshot())
	a.log.Info("admin", "who", admin.Snapshot())
}

// The cart.

func (a *app) addToCart(w http.ResponseWriter, r *http.Request) {
	s := a.Must(w, r)
	if s == nil {
		return
	}
	qty, err := strconv.Atoi(r.FormValue("qty"))
	if err != nil {
		http.Error(w, "how many?", http.StatusBadRequest)
		return
	}
	if err := helpers.AddItem(s, r.FormValue("sku"), qty); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	if !helpers.CommitOr(w, s) {
		return
	}
	http.Redirect(w, r, "/cart", http.StatusSeeOther)
}

func (a *app) changeQuantity(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	cart := s.Cart()
	i := slices.IndexFunc(cart, func(it web.Item) bool { return it.SKU == r.FormValue("sku") })
	if i < 0 {
		http.NotFound(w, r)
		return
	}
	cart[i].Qty++
	s.SetCart(cart)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/cart", http.StatusSeeOther)
}

func (a *app) removeFromCart(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	cart := s.Cart()
	for i := range cart {
		if cart[i].SKU == r.FormValue("sku") {
			cart = append(cart[:i], cart[i+1:]...)
			break
		}
	}
	s.SetCart(cart)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/cart", http.StatusSeeOther)
}

func (a *app) setAppended(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetCart(append(s.Cart(), web.Item{SKU: r.FormValue("sku"), Qty: 1}))
	s.SetCart(slices.DeleteFunc(s.Cart(), func(it web.Item) bool { return it.Qty == 0 }))
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// showCart changes its copy to show it, which loses nothing.
func (a *app) showCart(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	cart := s.Cart()
	sort.Slice(cart, func(i, j int) bool { return cart[i].SKU < cart[j].SKU })
	for i := range cart {
		cart[i].SKU = "#" + cart[i].SKU
	}
	total := 0
	for _, it := range cart {
		price, err := a.db.Price(it.SKU)
		if err != nil {
			http.Error(w, "try again", http.StatusInternalServerError)
			return
		}
		total += price * it.Qty
	}
	fmt.Fprintf(w, "%v: %d", cart, total)
}

func (a *app) preview(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	with := append(s.Cart(), web.Item{SKU: r.FormValue("sku"), Qty: 1})
	prefs := s.Prefs()
	prefs["preview"] = "yes"
	if err := a.pages.ExecuteTemplate(w, "cart", struct {
		Items []web.Item
		Prefs map[string]string
	}{with, prefs}); err != nil {
		a.log.Error("page", "err", err)
	}
}

func (a *app) checkout(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	items := s.Cart()
	s.ClearCart()
	order, err := a.db.Order(r.Context(), items)
	if err != nil {
		// The cart stays as it was: the change is dropped on purpose.
		if errors.Is(err, errNoStock) {
			http.Redirect(w, r, "/cart?sold-out", http.StatusSeeOther)
			return
		}
		http.Error(w, "try again", http.StatusInternalServerError)
		return
	}
	s.SetNotice(fmt.Sprintf("Order %d is on its way.", order))
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/orders/"+strconv.FormatInt(order, 10), http.StatusSeeOther)
}

func (a *app) merge(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	var items []web.Item
	if err := json.NewDecoder(r.Body).Decode(&items); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for _, it := range items {
		if it.Qty < 1 {
			continue
		}
		s.AppendCart(it)
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if err := helpers.WriteJSON(w, http.StatusOK, s.Cart()); err != nil {
		a.log.Error("answer", "err", err)
	}
}

// Preferences.

func (a *app) setPrefs(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	prefs := s.Prefs()
	if prefs == nil {
		prefs = map[string]string{}
	}
	for k := range r.PostForm {
		prefs[k] = r.PostForm.Get(k)
	}
	s.SetPrefs(prefs)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// changedFlag saves only if something has changed.
func (a *app) changedFlag(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	changed := false
	if theme := r.FormValue("theme"); theme != "" {
		s.SetTheme(theme)
		changed = true
	}
	if lang := r.FormValue("lang"); lang != "" {
		s.PutPrefs("lang", lang)
		changed = true
	}
	if changed {
		if err := s.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
	}
	fmt.Fprintln(w, "ok")
}

// counted saves if the loop has done something.
func (a *app) counted(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	n := 0
	for _, sku := range r.Form["sku"] {
		s.AppendCart(web.Item{SKU: sku, Qty: 1})
		n++
	}
	if n == 0 {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/cart", http.StatusSeeOther)
}

// sameCondition asks twice.
func (a *app) sameCondition(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	kind := r.FormValue("kind")
	if kind == "dark" || kind == "light" {
		s.SetTheme(kind)
	}
	a.log.Info("theme", "kind", kind)
	if kind != "" {
		if err := s.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
	}
	fmt.Fprintln(w, "ok")
}

// exhaustive has one Save for each kind.
func (a *app) exhaustive(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetLastSeen(time.Now())
	json := r.Header.Get("Accept") == "application/json"
	if json {
		err = s.Save()
	}
	if !json {
		err = s.Save()
	}
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// throttled changes rarely, and saves when it does.
func (a *app) throttled(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if time.Since(s.LastSeen()) > time.Minute {
		s.SetLastSeen(time.Now())
		if err := s.Save(); err != nil {
			a.log.Warn("last seen", "err", err)
		}
	}
	fmt.Fprintln(w, "ok")
}

func (a *app) validated(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetShip(&web.Address{City: r.FormValue("city"), Zip: r.FormValue("zip")})
	if errs := problems(s.Ship()); len(errs) > 0 {
		if err := a.pages.ExecuteTemplate(w, "ship", errs); err != nil {
			a.log.Error("page", "err", err)
		}
		return
	}
	if r.FormValue("city") == "Atlantis" {
		http.Error(w, "we do not deliver there", http.StatusUnprocessableEntity)
		return
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/pay", http.StatusSeeOther)
}

func problems(a *web.Address) map[string]error {
	if a.Zip == "" {
		return map[string]error{"zip": errors.New("missing")}
	}
	return nil
}

// retried saves again after a conflict.
func (a *app) retried(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	for range 3 {
		s.AddVisits(1)
		if err = s.Save(); !errors.Is(err, session.ErrConflict) {
			break
		}
	}
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, s.Visits())
}

// setUnlessEqual saves if the value is another.
func (a *app) setUnlessEqual(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	theme := r.FormValue("theme")
	differs := s.Theme() != theme
	s.SetTheme(theme)
	if differs {
		if err := s.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
	}
	fmt.Fprintln(w, "ok")
}

// everyTenth saves now and then.
func (a *app) everyTenth(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.AddVisits(1)
	if s.Visits()%10 == 0 {
		if err := s.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
	}
	fmt.Fprintln(w, s.Visits())
}

type payment int

const (
	card payment = iota
	invoice
)

// completeSwitch saves whatever the payment is.
func (a *app) completeSwitch(w http.ResponseWriter, r *http.Request, p payment) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.ClearCart()
	switch p {
	case card:
		err = s.Save()
	case invoice:
		s.SetNotice("pay within two weeks")
		err = s.Save()
	}
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

func (a *app) completeChain(w http.ResponseWriter, r *http.Request, kind string) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if kind == "card" || kind == "invoice" {
		s.SetTheme(kind)
		if kind == "card" {
			err = s.Save()
		} else if kind == "invoice" {
			s.SetNotice("pay within two weeks")
			err = s.Save()
		}
	}
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// always has a flag that is never false when it is asked.
func (a *app) always(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	changed := false
	s.SetLastSeen(time.Now())
	changed = true
	if changed {
		if err := s.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
		}
	}
}
