package correct

import (
	"fmt"
	"net/http"

	"example.com/shop/web"
)

// notASession has methods that are called like a session's.
type notASession struct{}

func (notASession) SetTheme(string) {}
func (notASession) Save() error     { return nil }
func (notASession) Destroy() error  { return nil }
func (notASession) OTP() string     { return "" }
func (notASession) Cart() []int     { return nil }

func notSessions(w http.ResponseWriter) {
	var n notASession
	n.SetTheme("dark")
	fmt.Fprintln(w, "hello")
	n.Save()
	n.Destroy()
	fmt.Println(n.OTP())
	n.Cart()[0]++
}

func (a *app) handWritten(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if s.SetUp() {
		s.AppendTheme("x")
	}
	fmt.Fprintln(w, "ok")
}

func (a *app) handWrittenSave(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetLanguage("en")
	if err := s.Finish(); err != nil {
		a.fail(w, r, err)
	}
}

func (a *app) aliasType(w http.ResponseWriter, r *http.Request) {
	var s *web.Visitor
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetTheme("dark")
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
	}
}

type page struct {
	*web.Session
	Title string
}

func (a *app) embedded(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	p := page{Session: s, Title: "x"}
	p.SetTheme("dark")
	if err := p.Save(); err != nil {
		a.fail(w, r, err)
	}
}
