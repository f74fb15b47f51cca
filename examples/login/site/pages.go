package site

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

//go:embed pages
var pageFiles embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"clock":  func(t time.Time) string { return t.Local().Format("2 January, 15:04:05") },
	"minute": func(t time.Time) string { return t.Local().Format("2 Jan, 15:04") },
	"times": func(n int64) string {
		if n == 1 {
			return "once"
		}
		return template.HTMLEscaper(n) + " times"
	},
}).ParseFS(pageFiles, "pages/*.html"))

// A page is what the templates know.
type page struct {
	Title  string
	Path   string // of the request, to mark where the visitor is
	Notice string
	User   string

	Visits int64        // home, account
	Since  time.Time    // account
	Meta   session.Meta // account

	Devices []device // devices, this one first

	Next, Name string // login
	Keep       bool   // login
	Problem    string // login, unavailable
}

// render writes a page in one piece: a template that fails half-way leaves no half page.
func (a *app) render(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	p.Path = r.URL.Path
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, p); err != nil {
		a.log.ErrorContext(r.Context(), "page failed", "page", name, "error", err)
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	if p.User != "" {
		w.Header().Set("Cache-Control", "no-store") // the back button shows nothing after the logout
	}
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

func style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, pageFiles, "pages/style.css")
}
