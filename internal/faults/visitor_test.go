//go:build unix

package faults

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// everybody is who has a session, and newcomer who does not.
var everybody = [...]string{"Ann", "Bob", "Eve", "Fay", "Hal", "Ida", "Joy", "Kim"}

const newcomer = "Gus"

// A visitor is a browser whose session is known: each page that it sees is compared with what it may see. One goroutine
// uses it at a time.
type visitor struct {
	*story
	name   string
	cookie string

	saved, unsure int          // saves that were acknowledged; that may have worked
	remains       []outcome    // of the session, if its visitor has asked to end it
	pending       bool         // and that has failed: it is tried again until the store is back
	rounds, good  atomic.Int32 // of traffic; good ones began after the fault and met nothing of it
}

// A reply is what came back.
type reply struct {
	outcome   outcome
	setCookie string // its value
	ending    bool   // Destroy was called
	visits    int
	took      time.Duration
}

// ask sends a request and checks what must be true of every answer, whatever the fault: nobody sees another one's
// data, and no cookie is replaced but an anonymous visitor's. The cookie is expired by a logout, whatever becomes of
// it, and by nothing else.
func (v *visitor) ask(ctx context.Context, method, path string) reply {
	req, err := http.NewRequestWithContext(ctx, method, v.site.server.URL+path, nil)
	if err != nil {
		v.t.Error(err)
	}
	if v.cookie != "" {
		req.AddCookie(&http.Cookie{Name: "session", Value: v.cookie})
	}
	start := time.Now()
	resp, err := v.client.Do(req)
	if err != nil {
		if ctx.Err() == nil {
			v.t.Errorf("%s %s: %v", method, path, err)
		}
		return reply{outcome: left}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		if ctx.Err() == nil {
			v.t.Errorf("%s %s: %v", method, path, err)
		}
		return reply{outcome: left}
	}
	goodbye, ending := resp.Header["Goodbye"]
	r := reply{took: time.Since(start), ending: ending}
	expired := false
	for _, c := range resp.Cookies() {
		if c.Name == "session" && c.Value == "" && c.MaxAge < 0 {
			expired = true
			continue
		}
		r.setCookie = c.Value
		if c.MaxAge < 0 || c.Value == "" || c.Value == v.cookie {
			v.t.Errorf("%s %s for %s: Set-Cookie: %s", method, path, v.name, c)
		}
	}
	if expired != ending {
		v.t.Errorf("%s %s for %s: a logout: %t, the cookie is expired: %t", method, path, v.name, ending, expired)
	}
	if ending && goodbye[0] != "" && goodbye[0] != v.name {
		v.t.Errorf("%s %s for %s logs out %q", method, path, v.name, goodbye[0])
	}
	for _, other := range append(everybody[:], newcomer) {
		if other != v.name && strings.Contains(string(body), other) {
			v.t.Errorf("%s %s for %s shows %q", method, path, v.name, body)
		}
	}
	switch resp.StatusCode {
	case http.StatusOK:
		r.outcome, r.visits = v.read(string(body))
		if r.outcome == anonymous && ending && goodbye[0] != "" {
			r.outcome = loggedOut
		}
	case http.StatusServiceUnavailable, http.StatusInternalServerError:
		r.outcome = outcome(resp.Header.Get("Outcome"))
	default:
		v.t.Errorf("%s %s for %s: status %d", method, path, v.name, resp.StatusCode)
	}
	if r.setCookie != "" && v.cookie != "" && (r.outcome != anonymous || method != http.MethodPost) {
		v.t.Errorf("%s %s for %s (%s): the cookie is replaced", method, path, v.name, r.outcome)
	}
	return r
}

// read takes a page apart.
func (v *visitor) read(page string) (outcome, int) {
	parts := strings.Split(page, ";")
	if len(parts) != 3 {
		v.t.Errorf("page for %s: %q", v.name, page)
		return "no page", 0
	}
	var visits int
	if _, err := fmt.Sscan(parts[2], &visits); err != nil {
		v.t.Errorf("page for %s: %q", v.name, page)
	}
	switch {
	case parts[0] == "" && parts[1] == "":
		return anonymous, visits
	case parts[0] != v.name || parts[1] != badge(v.name):
		v.t.Errorf("page for %s: %q", v.name, page)
	}
	return served, visits
}

// save is a POST, with its consequences for what later pages may show.
func (v *visitor) save(ctx context.Context, path string) reply {
	r := v.ask(ctx, http.MethodPost, path+v.query())
	switch r.outcome {
	case served:
		v.saved++
	case unknown, unclear, left:
		v.unsure++
	}
	v.plausible(r)
	return r
}

// logout is a POST that ends the session, or says why not, with its consequences for the cookie of before. One that
// did not get as far as the session changes nothing.
func (v *visitor) logout(ctx context.Context, path string) reply {
	r := v.ask(ctx, http.MethodPost, path)
	switch {
	case r.outcome == loggedOut, r.ending && r.outcome == anonymous:
		v.remains = []outcome{anonymous}
	case r.ending:
		v.remains, v.pending = []outcome{anonymous}, true
	}
	return r
}

// after is what becomes of the visitor's session when the fault is over.
func (v *visitor) after() []outcome {
	if v.remains == nil || v.fault.loses {
		return v.story.after()
	}
	return v.remains
}

// plausible checks that nothing was counted that was reported as not written.
func (v *visitor) plausible(r reply) {
	if r.outcome == served && r.visits > v.saved+v.unsure {
		v.t.Errorf("%s has %d visits, %d were saved and %d perhaps", v.name, r.visits, v.saved, v.unsure)
	}
}

// round is what a visitor does again and again: look and change, each in both ways, and be too impatient for the
// answer, which may come first.
func (v *visitor) round() {
	ctx := v.t.Context()
	began, good := v.era.Load(), true
	for _, step := range []struct {
		want []outcome
		ask  func() reply
	}{
		{v.fault.read, func() reply { return v.ask(ctx, http.MethodGet, "/middleware") }},
		{v.fault.read, func() reply { return v.ask(ctx, http.MethodGet, "/load") }},
		{v.fault.save, func() reply { return v.save(ctx, "/middleware") }},
		{v.fault.save, func() reply { return v.save(ctx, "/load") }},
		{slices.Concat(v.fault.save, []outcome{left}), func() reply {
			ctx, cancel := context.WithTimeout(ctx, 3*time.Millisecond)
			defer cancel()
			return v.save(ctx, "/load")
		}},
	} {
		v.quiet.RLock()
		from := v.era.Load()
		r := step.ask()
		v.plausible(r)
		v.judge(v.name, from, step.want, r)
		v.quiet.RUnlock()
		good = good && (r.outcome == left || slices.Contains(v.after(), r.outcome))
	}
	v.rounds.Add(1)
	if good && began == over {
		v.good.Add(1)
	}
}

// enter is what people without a session do: look around, which needs no store, and log in.
func (v *visitor) enter() {
	v.quiet.RLock()
	defer v.quiet.RUnlock()
	if r := v.ask(v.t.Context(), http.MethodGet, "/load"); r.outcome != anonymous || r.setCookie != "" {
		v.t.Errorf("a visitor without a session: %s", r.outcome)
	}
	from := v.era.Load()
	r := v.ask(v.t.Context(), http.MethodPost, "/load?name="+newcomer+strings.Replace(v.query(), "?", "&", 1))
	v.judge("a newcomer", from, v.fault.enter, r)
	if (r.outcome == served) != (r.setCookie != "") {
		v.t.Errorf("a login (%s) sets the cookie %q", r.outcome, r.setCookie)
	}
	v.rounds.Add(1)
	if r.outcome == served && from == over {
		v.good.Add(1)
	}
}
