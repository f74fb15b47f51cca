package correct

import (
	"fmt"
	"io"
	"slices"

	"example.com/shop/web"
)

// Copies that are changed and then counted, or whose keys are looked at.

func publicPrefs(w io.Writer, s *web.Session) {
	prefs := s.Prefs()
	delete(prefs, "internal")
	for name := range prefs {
		fmt.Fprintln(w, name)
	}
}

func hasPrefs(s *web.Session) bool {
	prefs := s.Prefs()
	delete(prefs, "internal")
	return len(prefs) > 0
}

func prefsWithDefaults(s *web.Session) int {
	prefs := s.Prefs()
	prefs["lang"] = "en"
	return len(prefs)
}

func paid(s *web.Session) int {
	items := slices.DeleteFunc(s.Cart(), func(it web.Item) bool { return it.Qty == 0 })
	return len(items)
}

func distinctTags(s *web.Session) int {
	tags := s.Wizard().Tags
	slices.Sort(tags)
	tags = slices.Compact(tags)
	return len(tags)
}

func wouldBeFull(s *web.Session, it web.Item) bool {
	cart := s.Cart()
	cart = append(cart, it)
	return len(cart) > 10
}

func wouldHaveTags(s *web.Session, tag string) bool {
	wz := s.Wizard()
	wz.Tags = append(wz.Tags, tag)
	return len(wz.Tags) > 3
}

func numbered(w io.Writer, s *web.Session, it web.Item) {
	cart := append(s.Cart(), it)
	for i := range cart {
		fmt.Fprintln(w, i)
	}
}
