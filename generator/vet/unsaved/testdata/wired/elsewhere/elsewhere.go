// Package elsewhere leaves it to another package to wire its handlers. That they are within Middleware cannot be told here:
// as far as this package shows, nobody saves.
package elsewhere

import (
	"net/http"

	"example.com/shop/web"
)

// Handlers are wired by another package.
type Handlers struct{ Sessions *web.Sessions }

// Home calls Load, as a handler outside Middleware does.
func (h *Handlers) Home(w http.ResponseWriter, r *http.Request) {
	if s, err := h.Sessions.Load(w, r); err == nil {
		s.AddVisits(1) // want `AddVisits`
	}
}

// Inside calls Get, which says where it is.
func (h *Handlers) Inside(w http.ResponseWriter, r *http.Request) {
	if s, err := h.Sessions.Get(r); err == nil {
		s.AddVisits(1)
	}
}
