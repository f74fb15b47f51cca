package main

import (
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A way is how an order can be brought.
type way struct {
	ID    string
	Price int // in cents
	Name  words
	Takes words
}

var ways = []way{
	{"post", 490, words{"Post", "Post"}, words{"Three to four days", "Drei bis vier Tage"}},
	{"bike", 890, words{"Cargo bike", "Lastenrad"}, words{"Tomorrow, in town", "Morgen, in der Stadt"}},
	{"pickup", 0, words{"Fetch it at the kiln", "Am Ofen abholen"}, words{"From four o'clock today", "Heute ab vier"}},
}

func findWay(id string) (way, bool) {
	for _, w := range ways {
		if w.ID == id {
			return w, true
		}
	}
	return way{}, false
}

// step lets a visitor into a step of the checkout if the cart has something and all steps before have been answered,
// and their answers have not expired. Everybody else is sent to where to go on.
func (s *shop) step(needs []func(*Session) bool, show func(http.ResponseWriter, *http.Request, *Session)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := s.sessions.Must(r)
		if len(lines(v.Cart())) == 0 {
			v.SetNotice(Notice{Text: "checkout.empty"})
			http.Redirect(w, r, "/cart", http.StatusSeeOther)
			return
		}
		for i, answered := range needs {
			if !answered(v) {
				v.SetNotice(Notice{Text: "checkout.expired"})
				http.Redirect(w, r, stepPaths[i], http.StatusSeeOther)
				return
			}
		}
		show(w, r, v)
	}
}

var stepPaths = []string{"/checkout/address", "/checkout/delivery", "/checkout/review"}

// The steps' answers, in order: what a step needs is a beginning of it.
var answers = []func(*Session) bool{(*Session).HasAddress, (*Session).HasDelivery}

func (s *shop) addressForm(w http.ResponseWriter, r *http.Request, v *Session) {
	a := v.Address()
	if a.Name == "" {
		a.Name = v.Name()
	}
	s.render(w, r, http.StatusOK, "address", page{Title: "address.title", Step: 1, Address: a})
}

func (s *shop) saveAddress(w http.ResponseWriter, r *http.Request, v *Session) {
	a := Address{
		Name: tidy(r.PostFormValue("name")), Street: tidy(r.PostFormValue("street")),
		Postcode: tidy(r.PostFormValue("postcode")), City: tidy(r.PostFormValue("city")),
	}
	wrong := map[string]bool{}
	for field, text := range map[string]string{"name": a.Name, "street": a.Street, "postcode": a.Postcode, "city": a.City} {
		if text == "" || utf8.RuneCountInString(text) > 80 || !prints(text) {
			wrong[field] = true
		}
	}
	if len(wrong) > 0 {
		s.render(w, r, http.StatusUnprocessableEntity, "address", page{Title: "address.title", Step: 1, Address: a, Wrong: wrong})
		return
	}
	v.SetAddress(a)
	http.Redirect(w, r, "/checkout/delivery", http.StatusSeeOther)
}

func tidy(text string) string { return strings.Join(strings.Fields(text), " ") }

// prints says whether a text is as it looks: nothing in it moves a cursor or turns the direction of writing, by which a
// device could name itself as another.
func prints(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

func (s *shop) deliveryForm(w http.ResponseWriter, r *http.Request, v *Session) {
	s.render(w, r, http.StatusOK, "delivery", page{Title: "delivery.title", Step: 2, Ways: ways, Chosen: v.Delivery()})
}

func (s *shop) saveDelivery(w http.ResponseWriter, r *http.Request, v *Session) {
	chosen, ok := findWay(r.PostFormValue("delivery"))
	if !ok {
		s.render(w, r, http.StatusUnprocessableEntity, "delivery", page{
			Title: "delivery.title", Step: 2, Ways: ways, Wrong: map[string]bool{"delivery": true},
		})
		return
	}
	v.SetDelivery(chosen.ID)
	v.SetOrderOnce(true)
	http.Redirect(w, r, "/checkout/review", http.StatusSeeOther)
}

func (s *shop) review(w http.ResponseWriter, r *http.Request, v *Session) {
	chosen, _ := findWay(v.Delivery())
	s.render(w, r, http.StatusOK, "review", page{
		Title: "review.title", Step: 3, Address: v.Address(), Way: chosen, Order: newOrder(v, chosen),
	})
}

// place places the order that the visitor has seen: once, and only if the cart is still the one on the page.
func (s *shop) place(w http.ResponseWriter, r *http.Request, v *Session) {
	chosen, _ := findWay(v.Delivery())
	o := newOrder(v, chosen)
	if total, _ := strconv.Atoi(r.PostFormValue("total")); total != o.Total {
		v.SetNotice(Notice{Text: "review.changed"})
		http.Redirect(w, r, "/checkout/review", http.StatusSeeOther)
		return
	}
	if _, mine := v.TakeOrderOnce(); !mine { // another request has placed it, or it has been too long
		v.SetNotice(Notice{Text: "review.once"})
		http.Redirect(w, r, "/account", http.StatusSeeOther)
		return
	}
	number := s.orders.add(v.Account(), o, s.now())
	for _, l := range o.Lines { // and not ClearCart: what another tab puts into it meanwhile stays
		v.DeleteCart(l.Product.ID)
	}
	v.ClearDelivery()
	v.SetNotice(Notice{Text: "order.thanks"})
	http.Redirect(w, r, "/orders/"+number, http.StatusSeeOther)
}
