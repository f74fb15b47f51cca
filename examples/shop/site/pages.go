package main

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

//go:embed pages static art
var files embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{"art": art, "add": func(a, b int) int { return a + b }}).
	ParseFS(files, "pages/*.html"))

// art is a drawing of ours, to stand in a page.
func art(id string) (template.HTML, error) {
	svg, err := files.ReadFile("art/" + id + ".svg")
	return template.HTML(svg), err
}

// A page is what the templates know. render fills in the first part, handlers the rest.
type page struct {
	Lang, Theme string
	Path        string // of the request, to mark where the visitor is
	Back        string // where a form of this page's foot leads
	Account     string // whose session it is; empty if nobody has logged in
	Name        string
	Cart        []line
	Notice      Notice

	Title   string // a key of the texts
	Heading words  // instead, what is no sentence of the site's

	Products []product // shelf
	Product  product   // product

	Step    int // of the checkout, from 1
	Address Address
	Ways    []way  // delivery
	Way     way    // review
	Chosen  string // delivery
	Wrong   map[string]bool
	Order   order // review, order

	Orders []order      // account
	Since  time.Time    // account
	Meta   session.Meta // account

	Devices []device // devices, this one first

	Next, Entered string // login
	Keep          bool   // login
	Problem       string // login, refused, unavailable: a key of the texts
}

// render writes a page in one piece: a template that fails half-way leaves no half page. Where the store does not
// answer the page is one for a stranger.
func (s *shop) render(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	p.Lang, p.Theme, p.Path = accepted(r), themes[0], r.URL.Path
	if p.Back = "/"; r.Method == http.MethodGet {
		p.Back = r.URL.RequestURI()
	}
	if v, err := s.sessions.Get(r); err == nil {
		p.Account, p.Name, p.Cart = v.Account(), v.Name(), lines(v.Cart())
		if status == http.StatusOK { // what a browser asks for by itself, such as an icon that is missing, shows nobody a notice
			p.Notice, _ = v.TakeNotice()
		}
		if lang, ok := v.LookupPrefs("language"); ok {
			p.Lang = lang
		}
		if theme, ok := v.LookupPrefs("theme"); ok {
			p.Theme = theme
		}
	}
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, p); err != nil {
		s.log.ErrorContext(r.Context(), "page failed", "page", name, "error", err)
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
		return
	}
	action := "'self'"
	if name == "login" {
		action += " " + s.provider // the answer to its form leads there, and browsers hold that to form-action too
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action "+action+
		"; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Add("Vary", "Accept-Language")
	if p.Account != "" {
		h.Set("Cache-Control", "no-store") // the back button shows nothing after the logout
	}
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// T is a sentence in the visitor's language. A key that is not there fails the page, and so the tests.
func (p page) T(key string, args ...any) (string, error) {
	text, ok := texts[key]
	if !ok {
		return "", fmt.Errorf("no text %q", key)
	}
	if len(args) == 0 {
		return text.in(p.Lang), nil
	}
	return fmt.Sprintf(text.in(p.Lang), args...), nil
}

// Say is what is not a sentence of the site's, in the visitor's language.
func (p page) Say(w words) string { return w.in(p.Lang) }

// Noticed is the notice as a sentence.
func (p page) Noticed() (string, error) {
	about, ok := findProduct(p.Notice.Product)
	if !ok {
		return p.T(p.Notice.Text)
	}
	return p.T(p.Notice.Text, about.Name.in(p.Lang))
}

func (p page) Count() int    { return count(p.Cart) }
func (p page) Subtotal() int { return subtotal(p.Cart) }

// Money is an amount of cents as people write it.
func (p page) Money(cents int) string {
	text := fmt.Sprintf("%d.%02d", cents/100, cents%100)
	if p.Lang == "de" {
		return strings.Replace(text, ".", ",", 1) + " €"
	}
	return "€" + text
}

// When is a time as people write it.
func (p page) When(t time.Time) string {
	if p.Lang == "de" {
		return t.Local().Format("2.1.2006, 15:04 Uhr")
	}
	return t.Local().Format("2 Jan 2006, 15:04")
}

func static(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeFileFS(w, r, files, "static/"+r.PathValue("file"))
}
