package main

import "net/http"

// missing answers what the site does not have.
func (s *shop) missing(w http.ResponseWriter, r *http.Request) {
	if isAPI(r) {
		answer(w, http.StatusNotFound, map[string]string{"error": "no such call"})
		return
	}
	s.render(w, r, http.StatusNotFound, "missing", page{Title: "missing.title"})
}

// refused answers what the site's own pages do not send, and says why.
func (s *shop) refused(w http.ResponseWriter, r *http.Request, status int, why string) {
	s.render(w, r, status, "refused", page{Title: "refused.title", Problem: why})
}

// fromElsewhere answers a form that another site has sent.
func (s *shop) fromElsewhere(w http.ResponseWriter, r *http.Request) {
	s.refused(w, r, http.StatusForbidden, "refused.elsewhere")
}

// sessionFailed answers when the session could not be loaded or saved: an outage is not a logout, and says so.
func (s *shop) sessionFailed(w http.ResponseWriter, r *http.Request, err error) {
	s.unavailable(w, r, err, "unavailable.session")
}

// unavailable answers when the store does not, and says what that means for what the visitor wanted.
func (s *shop) unavailable(w http.ResponseWriter, r *http.Request, err error, meaning string) {
	s.log.ErrorContext(r.Context(), "session failed", "error", err)
	w.Header().Set("Retry-After", "5")
	if isAPI(r) {
		answer(w, http.StatusServiceUnavailable, map[string]string{"error": "try again in a few seconds"})
		return
	}
	s.render(w, r, http.StatusServiceUnavailable, "unavailable", page{Title: "unavailable.title", Problem: meaning})
}
