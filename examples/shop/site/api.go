package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// The shop's app keeps no cookies. It logs in once, keeps the token that it gets, and sends it with each request as
// "Authorization: Bearer <token>"; when a response has a Session-Token that one takes its place. The sessions are
// those of the site: the app is one of the account's devices, and can be logged out like any other.
//
//	curl -H 'Authorization: Bearer' -d '{"name":"ann","password":"porcelain"}' http://127.0.0.1:8080/api/login
//	curl -H "Authorization: Bearer $TOKEN" -X PUT -d '{"quantity":2}' http://127.0.0.1:8080/api/cart/mug

func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// bearerOnly refuses requests that are no bearer requests: the API's callers have no cookies, so it takes none. Of a
// request with two Authorization headers the session is that of its cookies: see Config.Bearer.
func bearerOnly(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lines := r.Header.Values("Authorization")
		scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if len(lines) != 1 || !strings.EqualFold(scheme, "Bearer") {
			unauthorized(w, r)
			return
		}
		next(w, r)
	})
}

func unauthorized(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("WWW-Authenticate", "Bearer")
	answer(w, http.StatusUnauthorized, map[string]string{"error": "log in first"})
}

type apiProduct struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Cents int    `json:"cents"`
}

type apiCart struct {
	Items map[string]int `json:"items"`
	Cents int            `json:"cents"`
}

func (s *shop) apiProducts(w http.ResponseWriter, r *http.Request) {
	list := []apiProduct{}
	for _, p := range catalogue {
		list = append(list, apiProduct{p.ID, p.Name.in(accepted(r)), p.Price})
	}
	answer(w, http.StatusOK, list)
}

// apiLogin answers with a token. It begins a session of its own: which is why it is asked for without one.
func (s *shop) apiLogin(w http.ResponseWriter, r *http.Request) {
	v, err := s.sessions.Get(r)
	if err != nil {
		s.sessionFailed(w, r, err)
		return
	}
	var in struct{ Name, Password, Device string }
	if !read(w, r, &in) {
		return
	}
	who, err := s.accounts.check(in.Name, in.Password, s.now())
	switch {
	case errors.Is(err, errTooManyTries):
		answer(w, http.StatusTooManyRequests, map[string]string{"error": err.Error()})
		return
	case err != nil:
		answer(w, http.StatusForbidden, map[string]string{"error": err.Error()})
		return
	}
	device := "Kiln app"
	if in.Device != "" && len(in.Device) <= 40 && prints(in.Device) {
		device += " (" + in.Device + ")"
	}
	s.enter(v, who.ID, who.Name, device)
	v.ClearNotice() // an app has no next page
	v.Remember(true)
	if err := v.Save(); err != nil { // Meta has a token from here on
		s.sessionFailed(w, r, err)
		return
	}
	answer(w, http.StatusOK, map[string]string{"token": v.Meta().Token})
}

func (s *shop) apiLogout(w http.ResponseWriter, r *http.Request) {
	if err := s.sessions.Must(r).Destroy(); err != nil {
		s.sessionFailed(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *shop) apiCart(w http.ResponseWriter, r *http.Request) {
	answerCart(w, s.sessions.Must(r))
}

func (s *shop) apiChangeCart(w http.ResponseWriter, r *http.Request) {
	v := s.sessions.Must(r)
	var in struct{ Quantity int }
	if !read(w, r, &in) {
		return
	}
	p, ok := findProduct(r.PathValue("product"))
	if !ok || !putQuantity(v, p, in.Quantity) {
		answer(w, http.StatusUnprocessableEntity, map[string]string{"error": "no such product, or not so many"})
		return
	}
	answerCart(w, v)
}

func answerCart(w http.ResponseWriter, v *Session) {
	list := lines(v.Cart())
	cart := apiCart{Items: map[string]int{}, Cents: subtotal(list)}
	for _, l := range list {
		cart.Items[l.Product.ID] = l.Quantity
	}
	answer(w, http.StatusOK, cart)
}

func read(w http.ResponseWriter, r *http.Request, in any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<14)).Decode(in); err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": "the body is no JSON of the kind that is meant"})
		return false
	}
	return true
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
