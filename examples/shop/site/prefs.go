package main

import (
	"net/http"
	"slices"
	"strings"

	"github.com/sessiongen/sessiongen/examples/demo"
)

// What can be preferred. The first of each holds as long as nobody has chosen; of languages, the first that the browser
// asks for.
var (
	languages = []string{"en", "de"}
	themes    = []string{"auto", "light", "dark"}
)

// savePrefs keeps what the visitor has chosen at the foot of a page.
func (s *shop) savePrefs(w http.ResponseWriter, r *http.Request) {
	v, err := s.sessions.Get(r)
	if err != nil {
		s.sessionFailed(w, r, err)
		return
	}
	for name, values := range map[string][]string{"language": languages, "theme": themes} {
		if chosen := r.PostFormValue(name); slices.Contains(values, chosen) {
			v.PutPrefs(name, chosen)
		}
	}
	http.Redirect(w, r, demo.LocalPath(r.PostFormValue("back")), http.StatusSeeOther)
}

// accepted returns the first of our languages that the browser names. Browsers name the best first, so that weights
// need not be read.
func accepted(r *http.Request) string {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if slices.Contains(languages, base) {
			return base
		}
	}
	return languages[0]
}
