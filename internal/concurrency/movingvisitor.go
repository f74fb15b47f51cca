package concurrency

import (
	"errors"
	"net/http"
	"sync/atomic"

	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A movingProcess answers until it is killed.
type movingProcess struct {
	sessions *visitor.Sessions
	dead     chan struct{}
}

// An answer is what a visitor learns from a request.
type answer struct {
	count   int64 // of the session that came with the request
	found   bool
	ended   bool           // by this request
	cookies []*http.Cookie // that were set
	unknown bool           // nothing but that something went wrong: it may have been saved
}

// request is one: it counts, or ends the session, or only looks. An answer that does not come before the process is
// killed is none.
func (p *movingProcess) request(cookies []*http.Cookie, what string) answer {
	answers := make(chan answer, 1)
	go func() { answers <- p.serve(cookies, what) }()
	select {
	case a := <-answers:
		return a
	case <-p.dead:
		return answer{unknown: true}
	}
}

func (p *movingProcess) serve(cookies []*http.Cookie, what string) (a answer) {
	w, r := Visit(nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	s, err := p.sessions.Load(w, r)
	if err != nil {
		return answer{unknown: true}
	}
	a.count, a.found = s.Count(), !s.Meta().New
	switch what {
	case "count":
		s.AddCount(1)
		err = s.Save()
	case "end":
		err = s.Destroy()
		a.ended = err == nil
	}
	a.unknown = err != nil && !errors.Is(err, session.ErrGone)
	a.cookies = w.Result().Cookies()
	return a
}

// A movingVisitor keeps a cookie, and knows what the site must know.
type movingVisitor struct {
	site    *movingSite
	cookies []*http.Cookie
	count   int64          // that was acknowledged
	perhaps int64          // more, of which nobody knows
	ending  bool           // the session, and perhaps it has ended
	ended   []*http.Cookie // the cookies of the last session that has ended
	visits  atomic.Int64
}

// come is one visit, during which another tab looks at the session by way of the other process. Every twelfth ends the
// session, whose cookie must be worth nothing from then on.
func (v *movingVisitor) come(n int) {
	s := v.site
	what := "count"
	if v.count >= 11 || v.ending {
		what = "end"
	}
	other := s.processes[(n+1)%processes].Load()
	tab := make(chan answer, 1)
	if what == "count" && v.cookies != nil {
		go func() { tab <- other.request(v.cookies, "look") }()
	} else {
		tab <- answer{unknown: true}
	}
	a := s.processes[n%processes].Load().request(v.cookies, what)
	if seen := <-tab; !seen.unknown && !seen.found {
		s.t.Errorf("a visitor's tab is logged out after %d visits", v.count)
	} else if !seen.unknown && (seen.count < v.count || seen.count > v.count+v.perhaps+1) {
		s.t.Errorf("a visitor's tab has a count of %d, want %d and perhaps %d more", seen.count, v.count, v.perhaps+1)
	}
	if a.unknown {
		// Whoever has no cookie yet begins again without one.
		if what == "count" && v.cookies != nil {
			v.perhaps++
		}
		v.ending = what == "end"
		return
	}
	switch {
	case v.ending && !a.found: // it has ended by the request of which nobody knew
	case v.cookies != nil && !a.found:
		s.t.Errorf("a visitor is logged out after %d visits", v.count)
	case a.count < v.count || a.count > v.count+v.perhaps:
		s.t.Errorf("a visitor has a count of %d, want %d and perhaps %d more", a.count, v.count, v.perhaps)
	}
	if what == "end" {
		v.ended, v.cookies, v.count, v.perhaps, v.ending = v.cookies, nil, 0, 0, false
		s.ended.Add(1)
	} else {
		v.perhaps -= a.count - v.count
		v.count = a.count + 1
		if len(a.cookies) > 0 {
			v.cookies = a.cookies
		}
	}
	if v.ended != nil {
		if a := other.request(v.ended, "look"); !a.unknown && a.found {
			s.t.Error("a session that has ended is back")
		}
	}
	v.visits.Add(1)
}
