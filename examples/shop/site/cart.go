package main

import (
	"net/http"
	"strconv"

	"github.com/sessiongen/sessiongen/examples/demo"
)

// maxQuantity is how many of one thing a cart takes.
const maxQuantity = 9

// A line is a product in a cart or an order.
type line struct {
	Product  product
	Quantity int
}

func (l line) Price() int { return l.Quantity * l.Product.Price }

// lines returns what is in a cart, in the order of the shelf. What is not sold any more is not in it.
func lines(cart map[string]int) []line {
	var list []line
	for _, p := range catalogue {
		if n := cart[p.ID]; n > 0 {
			list = append(list, line{p, n})
		}
	}
	return list
}

func subtotal(list []line) int {
	sum := 0
	for _, l := range list {
		sum += l.Price()
	}
	return sum
}

func count(list []line) int {
	n := 0
	for _, l := range list {
		n += l.Quantity
	}
	return n
}

// cart shows the cart.
func (s *shop) cart(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "cart", page{Title: "cart.title"})
}

// addToCart puts one more of a product into the cart: the one entry of the map that it changes. Only the very first
// click stands alone: two that come at once from a browser without a session make one each, and the later cookie
// holds.
func (s *shop) addToCart(w http.ResponseWriter, r *http.Request) {
	v, err := s.sessions.Get(r)
	if err != nil {
		s.sessionFailed(w, r, err)
		return
	}
	p, ok := findProduct(r.PathValue("product"))
	if !ok {
		s.missing(w, r)
		return
	}
	n, _ := v.LookupCart(p.ID)
	if n >= maxQuantity {
		v.SetNotice(Notice{"cart.enough", p.ID})
	} else {
		v.PutCart(p.ID, n+1)
		v.SetNotice(Notice{"cart.added", p.ID})
	}
	http.Redirect(w, r, demo.LocalPath(r.PostFormValue("back")), http.StatusSeeOther)
}

// changeCart says how many of a product there shall be; none takes it out.
func (s *shop) changeCart(w http.ResponseWriter, r *http.Request) {
	v, err := s.sessions.Get(r)
	if err != nil {
		s.sessionFailed(w, r, err)
		return
	}
	p, ok := findProduct(r.PathValue("product"))
	n, err := strconv.Atoi(r.PostFormValue("quantity"))
	if !ok || err != nil || !putQuantity(v, p, n) {
		s.refused(w, r, http.StatusBadRequest, "refused.quantity")
		return
	}
	if n == 0 {
		v.SetNotice(Notice{"cart.removed", p.ID})
	}
	http.Redirect(w, r, "/cart", http.StatusSeeOther)
}

// putQuantity sets how many of a product a cart has, if so many may be.
func putQuantity(v *Session, p product, n int) bool {
	switch {
	case n < 0 || n > maxQuantity:
		return false
	case n == 0:
		v.DeleteCart(p.ID)
	default:
		v.PutCart(p.ID, n)
	}
	return true
}
