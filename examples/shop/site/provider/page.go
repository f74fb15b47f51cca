package provider

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
)

//go:embed page.html style.css
var files embed.FS

var page = template.Must(template.ParseFS(files, "page.html"))

// show writes the page. The request to log in goes along in its form: the provider keeps nothing meanwhile.
func show(w http.ResponseWriter, r *http.Request, q url.Values) {
	site, _ := url.Parse(q.Get("redirect_uri")) // one of the client's
	request := url.Values{}
	for _, name := range []string{"client_id", "redirect_uri", "response_type", "state", "code_challenge", "code_challenge_method"} {
		request[name] = q[name]
	}
	var b bytes.Buffer
	if err := page.Execute(&b, map[string]any{"People": people, "Request": request, "Site": site.Host}); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	// The answer to the form leads to the site, and browsers hold that to form-action too.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self' "+site.Scheme+"://"+site.Host+
		"; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write(b.Bytes())
}

func style(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "style.css") }
