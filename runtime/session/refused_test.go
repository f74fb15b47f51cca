package session_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestTooManyOperationsAreRefusedBeforeAnyIOAndMayBeStartedAnew(t *testing.T) {
	s := newLab(t, func(c *session.Config) { c.MaxSize = 9000 })
	x, _ := s.load(s.known())
	s.store.trips()
	for n := range 10_000 {
		x.PutPrefs(fmt.Sprint(n), "value")
		x.AppendCart(fixture.Item{SKU: "tea", Qty: n})
	}
	if n := len(x.Prefs()); n > 1000 {
		t.Errorf("%d preferences are kept", n)
	}
	if n := len(x.Cart()); n != 101 {
		t.Errorf("%d items are kept, want one more than max", n)
	}
	tooLarge, ok := errors.AsType[*session.SizeError](x.Save())
	if !ok || tooLarge.Max != 9000 || tooLarge.Size <= 9000 || tooLarge.Fields["prefs"] == 0 {
		t.Errorf("Save = %+v, want a *SizeError", tooLarge)
	}
	x.ClearPrefs()
	if e, ok := errors.AsType[*session.FieldError](x.Save()); !ok || e.Key != "cart" {
		t.Errorf("Save = %v, want a *FieldError of the cart", e)
	}
	wantTrips(t, s.store)
	x.SetCart([]fixture.Item{{SKU: "tea", Qty: 1}})
	x.PutPrefs("lang", "en")
	if err := x.Save(); err != nil {
		t.Errorf("started anew: %v", err)
	}
}

func TestAnEmptyNameLogsNobodyIn(t *testing.T) {
	s := newLab(t)
	g := s.known()
	before := g.token()
	s.visit(g, func(x *fixture.Session) { x.SetUserName("") })
	if x, _ := s.load(g); x.HasUserName() || x.UserName() != "" {
		t.Error("an empty name is a name")
	}
	if g.token() == before {
		t.Error("setting it has not renewed the session")
	}
	s.visit(g, func(x *fixture.Session) { x.SetUserName("Ann") })
	s.visit(g, func(x *fixture.Session) { x.SetUserName("") })
	if x, _ := s.load(g); x.HasUserName() {
		t.Error("the name that it had is still there")
	}
}
