// Package aliased changes copies.
package aliased

import (
	"fmt"
	"maps"
	"slices"
	"sort"

	"example.com/shop/web"
)

func element(s *web.Session) {
	s.Cart()[0].Qty++ // want `this changes the copy that Cart returned, not the session: use SetCart`
}

func field(s *web.Session) {
	s.Ship().City = "Paris" // want `this changes the copy that Ship returned, not the session: use SetShip`
}

func key(s *web.Session, lang string) {
	s.Prefs()["lang"] = lang    // want `this changes the copy that Prefs returned`
	s.Prefs()[lang+"2"] = "x" + // want `Prefs`
		lang
}

func deleted(s *web.Session) {
	delete(s.Prefs(), "lang") // want `Prefs`
}

func appended(s *web.Session, it web.Item) {
	_ = append(s.Cart(), it, it) // want `Cart`
}

func cleared(s *web.Session) {
	clear(s.Prefs()) // want `Prefs`
}

func added(s *web.Session) {
	s.Prefs()["lang"] += "!" // want `Prefs`
}

func sorted(s *web.Session) {
	sort.Slice(s.Cart(), func(i, j int) bool { return i < j }) // want `Cart`
	slices.Reverse(s.Cart())                                   // want `Cart`
	maps.Copy(s.Prefs(), map[string]string{"a": "b"})          // want `Prefs`
}

func snapshot(s *web.Session) {
	s.Snapshot().Prefs["lang"] = "en" // want `this changes the copy that Snapshot returned, not the session: use a setter`
}

func asserted(s *web.Admin) {
	s.Extra().(map[string]any)["x"] = 1 // want `Extra`
}

func variable(s *web.Session, sku string) error {
	cart := s.Cart()
	for i := range cart {
		if cart[i].SKU == sku {
			cart[i].Qty++ // want `this changes the copy that Cart returned, which is not used any more: use SetCart`
		}
	}
	return s.Save()
}

func ranged(s *web.Session, sku string) error {
	cart := s.Cart()
	for i, it := range cart {
		if it.SKU == sku {
			cart[i].Qty = cart[i].Qty + 1 // want `Cart`
			break
		}
	}
	return s.Save()
}

func grown(s *web.Session, it web.Item) error {
	cart := s.Cart()
	fmt.Println(cart)
	cart = append(cart, it) // want `Cart`
	return s.Save()
}

func counted(s *web.Session) int {
	cart := s.Cart()
	cart[0].Qty = 0 // want `Cart`
	return len(cart)
}

func indexed(s *web.Session) (n int) {
	tags := s.Wizard().Tags
	slices.Sort(tags) // want `Wizard`
	for i := range tags {
		n += i
	}
	return n
}

func mapVariable(s *web.Session) error {
	prefs := s.Prefs()
	if prefs == nil {
		return nil
	}
	prefs["lang"] = "en" // want `Prefs`
	return s.Save()
}

func structVariable(s *web.Session) error {
	wz := s.Wizard()
	wz.Tags = append(wz.Tags, "new") // want `Wizard`
	wz.Step++
	return s.Save()
}

func pointerVariable(s *web.Session) {
	if ship := s.Ship(); ship != nil {
		ship.City = "Paris" // want `Ship`
	}
}

func pointerToElement(s *web.Session) {
	first := &s.Cart()[0]
	first.Qty = 2 // want `Cart`
}

func lookedUp(s *web.Session, roles *web.Admin) {
	r := roles.Roles()
	r[0] = "admin" // want `Roles`
}

func usedBefore(s *web.Session) error {
	cart := s.Cart()
	for _, it := range cart {
		fmt.Println(it)
	}
	cart[0].Qty = 0 // want `Cart`
	return s.Save()
}

func handWritten(s *web.Session) {
	s.Prefs()["x"], _ = "y", 1 // want `Prefs`
}

// Not lost.

func set(s *web.Session, it web.Item) {
	cart := s.Cart()
	cart[0] = it
	s.SetCart(cart)
}

func shown(s *web.Session) {
	cart := s.Cart()
	cart[0].Qty++
	fmt.Println(cart)
}

func totalled(s *web.Session) (total int) {
	cart := s.Cart()
	for i := range cart {
		cart[i].Qty *= 2
		total += cart[i].Qty
	}
	return total
}

func returned(s *web.Session, it web.Item) []web.Item {
	return append(s.Cart(), it)
}

func captured(s *web.Session, run func(func())) {
	cart := s.Cart()
	run(func() { fmt.Println(cart) })
	cart[0].Qty++
}

func replaced(s *web.Session) {
	cart := s.Cart()
	cart = []web.Item{{SKU: "x"}}
	cart[0].Qty++
	fmt.Println(cart)
}

func inLoop(s *web.Session) {
	cart := s.Cart()
	for range 3 {
		fmt.Println(cart)
		cart[0].Qty++
	}
}

func passedOn(s *web.Session) {
	cart := s.Cart()
	cart[0].Qty++
	keep(s, cart)
}

func keep(s *web.Session, cart []web.Item) { s.SetCart(cart) }

func shared(s *web.Session) map[string]map[string]string {
	prefs := s.Prefs()
	page := map[string]map[string]string{"prefs": prefs}
	prefs["lang"] = "en"
	return page
}

func clearedLate(s *web.Session) {
	snap := s.Snapshot()
	print(snap.Theme)
	snap.OTP, snap.Tokens, snap.State = "", nil, "" // want `this changes the copy that Snapshot returned, which is not used any more`
}
