package inspect

import (
	"bytes"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// Options are the settings of New. The zero value suits most sites.
type Options struct {
	// Store is the one whose nodes are shown. Default the Manager's.
	Store session.Store

	// Last is how many events are kept. Default 500, which is also how many a page shows.
	Last int

	// Guarded says that the inspector stands behind a guard that it cannot see: of another library, of a proxy, of a
	// listener that only some can reach. A Require of the Manager's it sees.
	Guarded bool
}

const defaultLast = most

// An Inspector is the handler of the page, and the Observer that fills it. It is safe for concurrent use.
type Inspector struct {
	site    site
	now     func() time.Time
	guarded bool
	warned  atomic.Bool
	origin  *http.CrossOriginProtection
	pages   *pages
	events  *ring
	counts  *counts
}

var (
	_ session.Observer = (*Inspector)(nil)
	_ http.Handler     = (*Inspector)(nil)
)

// New returns an inspector of the sessions of one Manager, and makes it one of the Manager's Observers: from now on it
// is told what happens, as Config's own Observer is, which stays. An event costs some 200 ns then, and allocates
// nothing.
//
// It answers GET and POST under any path, and has all its links relative to that, so that a mux may know it by one path
// or by a whole tree.
func New[S any](sessions *session.Manager[S], o Options) *Inspector {
	if o.Last <= 0 {
		o.Last = defaultLast
	}
	in := session.Inspect(sessions)
	if o.Store == nil {
		o.Store = in.Store()
	}
	i := &Inspector{
		site:    newSite(in, sessions, o.Store),
		now:     in.Config().Now,
		guarded: o.Guarded,
		origin:  http.NewCrossOriginProtection(),
		pages:   parsePages(),
		events:  newRing(o.Last),
	}
	i.counts = newCounts(i.now())
	in.Watch(watcher{i})
	return i
}

// maxForm bounds a posted form: an owner's text and a device.
const maxForm = 64 << 10

// ServeHTTP answers with the page, or with what it is made of.
func (i *Inspector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.events.forget(r.Context()) // that a guard has loaded the session for this page
	protect(w.Header())
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		i.get(w, r)
	case http.MethodPost:
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		i.post(w, r)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}

// protect keeps the page from being framed, kept, or made to run what is not its own.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "same-origin") // no-referrer would take the Origin from its posts too
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex")
}

func (i *Inspector) get(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if name := query.Get("file"); name != "" {
		i.pages.file(w, r, name)
		return
	}
	switch query.Get("page") {
	case "":
		i.render(w, "index", i.index(r))
	case "events":
		i.render(w, "events", i.eventPage(r, most))
	case "list":
		i.render(w, "list", i.eventPage(r, most))
	default:
		http.NotFound(w, r)
	}
}

// post lists an owner's sessions, and ends them before. The owner's name comes in the form, so that it is in no URL.
func (i *Inspector) post(w http.ResponseWriter, r *http.Request) {
	if err := i.origin.Check(r); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	if !i.trusts(r) {
		http.Error(w, "this page is not guarded: see the inspector's documentation", http.StatusForbidden)
		return
	}
	if i.site.ownerField() < 0 {
		http.NotFound(w, r)
		return
	}
	i.render(w, "owner", i.ownerPage(r))
}

func (i *Inspector) render(w http.ResponseWriter, name string, data any) {
	var b bytes.Buffer
	if err := i.pages.templates.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		i.site.logger().Error("session inspector", "error", err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}
