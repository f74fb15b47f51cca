package main

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// An order is what somebody has bought.
type order struct {
	Number  string
	At      time.Time
	Lines   []line
	Way     way
	Address Address
	Total   int // in cents, delivery included
}

// newOrder is what the visitor would buy now.
func newOrder(v *Session, chosen way) order {
	list := lines(v.Cart())
	return order{Lines: list, Way: chosen, Address: v.Address(), Total: subtotal(list) + chosen.Price}
}

// orders stands for the shop's database: it forgets all when the program ends. An order is no part of the session,
// which ends with the visit.
type orders struct {
	mu   sync.Mutex
	last int
	of   map[string][]order // by account, the latest first
}

func (o *orders) add(account string, placed order, now time.Time) (number string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last++
	placed.Number = fmt.Sprintf("K%04d", 1000+o.last)
	placed.At = now
	o.of[account] = append([]order{placed}, o.of[account]...)
	return placed.Number
}

func (o *orders) list(account string) []order {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.of[account])
}

// account shows a visitor whom the guard has let through what they have bought, and what the shop knows of the session.
func (s *shop) account(w http.ResponseWriter, r *http.Request) {
	v := s.sessions.Must(r)
	s.render(w, r, http.StatusOK, "account", page{
		Title: "account.title", Orders: s.orders.list(v.Account()), Since: v.Since(), Meta: v.Meta(),
	})
}

// order shows one of the visitor's own orders; another's is one that is not there.
func (s *shop) order(w http.ResponseWriter, r *http.Request) {
	for _, o := range s.orders.list(s.sessions.Must(r).Account()) {
		if o.Number == r.PathValue("number") {
			s.render(w, r, http.StatusOK, "order", page{Title: "order.title", Order: o})
			return
		}
	}
	s.missing(w, r)
}
