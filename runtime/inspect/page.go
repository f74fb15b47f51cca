package inspect

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

//go:embed assets
var assets embed.FS

type pages struct{ templates *template.Template }

func parsePages() *pages {
	funcs := template.FuncMap{
		"age": age, "left": left, "span": span, "outcome": outcome, "count": grouped, "took": took,
	}
	return &pages{template.Must(template.New("").Funcs(funcs).ParseFS(assets, "assets/*.html"))}
}

// file answers with the style or the script. The page names them with what they depend on, which is nothing.
func (p *pages) file(w http.ResponseWriter, r *http.Request, name string) {
	kinds := map[string]string{"style.css": "text/css; charset=utf-8", "script.js": "text/javascript; charset=utf-8"}
	content, err := assets.ReadFile("assets/" + name)
	if kinds[name] == "" || err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kinds[name])
	w.Header().Set("Cache-Control", "private, max-age=60")
	_, _ = w.Write(content)
}

// A page is what all pages have.
type page struct {
	Name    string // of the session type
	Trusted bool
	Owner   *schemaField // the field that says whose a session is, or nil
	Secret  bool         // so is that
	Text    string       // who was asked for; empty where that is secret
	Now     time.Time
}

func (i *Inspector) page(r *http.Request) page {
	about := i.site.about()
	p := page{Name: about.Name, Trusted: i.trusts(r), Now: i.now()}
	if n := i.site.ownerField(); n >= 0 {
		p.Owner = &about.Fields[n]
		p.Secret = p.Owner.Secret
	}
	return p
}

type indexPage struct {
	page
	Session    sessionView
	SessionErr error
	Events     eventPage
	Since      time.Time
	Counts     []countRow
	Nodes      []session.Node
	Schema     schemaView
}

// pingTimeout bounds what the nodes of a store may take to answer for the page.
const pingTimeout = time.Second

// latest is how many events the page shows that has all else, most how many the page of events does, which asks for them
// again every two seconds. A filter finds the others.
const latest, most = 20, 500

func (i *Inspector) index(r *http.Request) indexPage {
	p := indexPage{
		page: i.page(r), Events: i.eventPage(r, latest), Since: i.counts.since, Counts: i.counts.rows(),
		Schema: i.site.about(),
	}
	p.Session, p.SessionErr = i.site.visitor(r)
	ctx, cancel := context.WithTimeout(r.Context(), pingTimeout)
	defer cancel()
	p.Nodes = i.site.nodes(ctx)
	return p
}

type eventPage struct {
	page
	filter
	Kinds, Outcomes []string
	Events          []entry
	More            int  // that the filter lets through
	Limit           int  // as many are shown at most
	Still           bool // the page does not ask for later ones
}

// Whole reports whether there is no page that would show more of the events.
func (v eventPage) Whole() bool { return v.Limit == most }

func (i *Inspector) eventPage(r *http.Request, limit int) eventPage {
	query := r.URL.Query()
	if n, err := strconv.Atoi(query.Get("limit")); err == nil && n > 0 {
		limit = min(limit, n)
	}
	v := eventPage{
		page: i.page(r), filter: filterOf(query), Kinds: kinds(), Outcomes: outcomes(),
		Limit: limit, Still: query.Has("still"),
	}
	v.Events, v.More = i.events.pick(v.filter, limit)
	return v
}

// age says how long before now something was.
func age(now, at time.Time) string {
	switch d := now.Sub(at); {
	case at.IsZero():
		return "never"
	case d < time.Second:
		return "now"
	default:
		return span(d) + " ago"
	}
}

// left says how long after now something will be.
func left(now, at time.Time) string {
	if d := at.Sub(now); d > 0 {
		return "in " + span(d)
	}
	return "now"
}

// span is a duration in its two largest units.
func span(d time.Duration) string {
	units := []struct {
		name string
		of   time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}}
	for i, u := range units {
		if d < u.of {
			continue
		}
		text := fmt.Sprintf("%d%s", d/u.of, u.name)
		if i+1 < len(units) && d%u.of >= units[i+1].of {
			text += fmt.Sprintf(" %d%s", d%u.of/units[i+1].of, units[i+1].name)
		}
		return text
	}
	return "less than 1s"
}

// took is a duration with three digits or so.
func took(d time.Duration) string {
	for unit := time.Nanosecond; unit <= time.Second; unit *= 10 {
		if d < 1000*unit {
			return d.Round(unit).String()
		}
	}
	return d.Round(time.Second).String()
}

// grouped is a number with its thousands apart.
func grouped(n any) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
