package correct

import (
	"net/http"

	"example.com/shop/web"
)

// Problems that are collected before the session is dropped.

func (a *app) problemMap(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	found := map[string]string{}
	s.SetTheme(r.FormValue("theme"))
	if s.Theme() == "" {
		found["theme"] = "missing"
	}
	if len(found) > 0 {
		a.tell(w, found)
		return
	}
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
	}
}

func (a *app) problemFlags(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	var form struct{ noName, noMail bool }
	s.SetWizard(web.Wizard{Email: r.FormValue("mail")})
	form.noName = r.FormValue("name") == ""
	form.noMail = r.FormValue("mail") == ""
	if form.noName || form.noMail {
		a.tell(w, form)
		return
	}
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
	}
}

func (a *app) tell(w http.ResponseWriter, v any) { a.page(w, "problems") }
