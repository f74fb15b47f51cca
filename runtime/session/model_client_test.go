package session_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"time"

	"github.com/sessiongen/sessiongen/internal/concurrency"
	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/runtime/session"
)

const (
	modelIdle     = 10 * time.Minute
	modelLifetime = 25 * time.Minute
	modelGrace    = 30 * time.Second // that a tombstone lives
	modelTimeout  = time.Second      // of a Save
)

// A modelVisitor is a browser: clients are its tabs.
type modelVisitor struct {
	name    string
	cookie  *http.Cookie
	earlier []*http.Cookie
}

type modelClientKey struct{}

// A modelClient sends one request after the other and compares what each call reports with what the store saw of it.
type modelClient struct {
	number    int
	s         *schedule
	model     *model
	rng       *rand.Rand
	visitor   *modelVisitor
	processes []*visitor.Sessions
	requests  int
	steps     int
	history   *history // of a test that checks for linearizability; else nil

	attempt *attempt
	serial  int
	local   local
}

func (c *modelClient) String() string { return fmt.Sprintf("client %d (%s)", c.number, c.visitor.name) }

// local is what the client knows of the session that its request has loaded.
type local struct {
	process    int
	session    *visitor.Session
	state      byte // stateNew and so on
	key        string
	valid      bool     // the request's cookie led to key
	base       fields   // as loaded or saved
	log        []change // since then
	renew      bool
	privileged bool
	ending     []string // keys of what Destroy has failed to end
	unsure     bool     // a Save since the last good one has an unknown outcome
	unfinished *attempt // a renewal whose outcome is unknown; the log begins with what is in it
	again      bool     // Renew was called since
	remember   said     // by Remember, since the last Save
	since      said     // by Remember, since unfinished
	hadCookie  bool     // the request
	cookie     string   // value that the response should set; "expired"; or "" for none
}

const (
	stateNew = iota
	stateLive
	stateEnded
)

// view is what the session should show.
func (l *local) view() fields { return after(l.base, l.log) }

// touches reports whether a field has been changed since the last Save.
func (l *local) touches(field string) bool { return touches(l.log, field) }

func touches(log []change, field string) bool {
	return slices.ContainsFunc(log, func(c change) bool { return c.field == field })
}

func (c *modelClient) run() {
	for range c.requests {
		c.travel()
		c.request()
	}
}

// travel waits until the scheduler lets a request or a response arrive.
func (c *modelClient) travel() {
	c.attempt = nil
	c.s.wait(&storeCall{verb: network, ctx: c.context()})
}

func (c *modelClient) context() context.Context {
	return context.WithValue(context.Background(), modelClientKey{}, c)
}

// check reports a violation unless it holds.
func (c *modelClient) check(holds bool, format string, args ...any) {
	if !holds {
		c.model.mu.Lock()
		c.model.fail("%v: %s", c, fmt.Sprintf(format, args...))
		c.model.mu.Unlock()
	}
}

func (c *modelClient) begin(kind string) *attempt {
	l := &c.local
	c.s.arrivals++
	c.attempt = &attempt{
		client: c.String(), number: c.s.arrivals, kind: kind, process: l.process, key: l.key, began: c.s.clock.now(),
	}
	return c.attempt
}

// request is one request: it loads, does this and that, and its response arrives.
func (c *modelClient) request() {
	cookie := c.visitor.cookie
	if n := len(c.visitor.earlier); n > 0 && c.rng.IntN(4) == 0 {
		cookie = c.visitor.earlier[c.rng.IntN(n)]
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", nil).WithContext(c.context())
	if cookie != nil {
		r.AddCookie(cookie)
	}
	if !c.load(w, r, cookie) {
		return
	}
	for range 1 + c.rng.IntN(c.steps) {
		switch c.rng.IntN(13) {
		case 0:
			c.save()
		case 1, 2:
			c.take()
		case 3:
			if c.rng.IntN(3) == 0 {
				c.destroy()
			}
		case 12:
			c.count()
		case 4:
			c.renew()
		default:
			c.change()
		}
	}
	if c.rng.IntN(10) > 0 && !c.save() && c.rng.IntN(2) == 0 {
		c.save() // once more
	}
	c.travel()
	c.receive(w)
}

// load loads the session and compares it with what the store had.
func (c *modelClient) load(w http.ResponseWriter, r *http.Request, cookie *http.Cookie) bool {
	c.local = local{process: c.rng.IntN(len(c.processes)), hadCookie: cookie != nil}
	l := &c.local
	now := c.model.clock(l.process)
	valid := false
	if cookie != nil {
		var until time.Time
		l.key, until = c.model.keyOf(cookie.Value)
		valid = now.Before(until)
	}
	l.valid = valid
	at := c.begin("load")
	call := c.history.call()
	s, err := c.processes[l.process].Load(w, r)
	if err != nil {
		c.check(at.failed, "Load failed although the store answered: %v", err)
		c.check(s == nil && errors.Is(err, session.ErrUnavailable), "Load: %v", err)
		return false
	}
	l.session = s
	got := normal(concurrency.Shown(s))
	c.check(c.owns(got), "another visitor's data: %+v", got)
	if !valid {
		c.check(at.calls == 0, "a cookie that cannot be valid cost I/O")
	}
	if s.Meta().New {
		c.check(same(got, fields{}), "a new session has %+v", got)
		c.check(!at.seen.live() || at.misled || at.gone, "logged out")
		if seen := at.seen; seen != nil && seen.found && seen.kind == kindRenewed {
			l.state = stateEnded
		}
		c.check(!c.model.early(at), "a session has ended before its time")
		if valid && !at.misled && !at.gone {
			c.history.loaded(call, c, l.key, nil)
		}
		return true
	}
	c.check(valid && at.seen.live(), "a session that has ended is alive")
	if at.seen.live() {
		c.check(same(got, at.seen.fields), "loaded %+v\nwant   %+v", got, at.seen.fields)
	}
	if !at.failed {
		c.model.use(at)
	}
	l.state, l.base = stateLive, got
	l.privileged = got.UserID != ""
	c.history.loaded(call, c, l.key, &got)
	return true
}

var clearNote = change{name: "clear", field: "note", resets: true, apply: func(f *fields) { f.Note = "" }}

// change calls a setter.
func (c *modelClient) change() {
	c.serial++
	s, v := c.local.session, fmt.Sprintf("%s %d.%d", c.visitor.name, c.number, c.serial)
	key := fmt.Sprint("k", c.rng.IntN(3))
	var did change
	switch c.rng.IntN(14) {
	case 0, 1:
		s.SetColor(v)
		did = change{name: "set", field: "color", resets: true, apply: func(f *fields) { f.Color = v }}
	case 2:
		s.ClearColor()
		did = change{name: "clear", field: "color", resets: true, apply: func(f *fields) { f.Color = "" }}
	case 3:
		s.SetSize(v)
		did = change{name: "set", field: "size", resets: true, apply: func(f *fields) { f.Size = v }}
	case 4, 5:
		s.AppendItems(v, v+"b")
		did = change{name: "append", field: "items", once: true, apply: func(f *fields) { f.Items = append(f.Items, v, v+"b") }}
	case 6:
		if c.rng.IntN(3) > 0 {
			return
		}
		s.SetItems([]string{v})
		did = change{name: "set", field: "items", resets: true, apply: func(f *fields) { f.Items = []string{v} }}
	case 7, 8:
		s.PutMarks(key, v)
		did = change{name: "put", field: "marks", apply: func(f *fields) {
			if f.Marks == nil {
				f.Marks = make(map[string]string)
			}
			f.Marks[key] = v
		}}
	case 9:
		s.DeleteMarks(key)
		did = change{name: "delete", field: "marks", apply: func(f *fields) { delete(f.Marks, key) }}
	case 10, 11:
		delta := int64(1 + c.rng.IntN(5))
		s.AddCount(delta)
		did = change{name: "add", field: "count", once: true, count: delta, apply: func(f *fields) { f.Count += delta }}
	case 12:
		s.SetNote(v)
		did = change{name: "set", field: "note", resets: true, apply: func(f *fields) { f.Note = v }}
	default:
		if c.rng.IntN(3) == 0 {
			v = ""
			s.ClearUserID()
			s.ClearUserName()
		} else {
			s.SetUserID(v)
			s.SetUserName(v)
		}
		did = change{name: "set", field: "user", resets: true, apply: func(f *fields) { f.UserID, f.UserName = v, v }}
	}
	c.local.log = append(c.local.log, did)
	c.show("after " + did.name)
}

// show compares what the session shows with what it should.
func (c *modelClient) show(when string) {
	got := concurrency.Shown(c.local.session)
	c.check(same(got, c.local.view()), "%s the session shows %+v\nwant %+v", when, got, c.local.view())
}

// shows reports whether the session shows what it would if it had been loaded with these fields.
func (c *modelClient) shows(base fields) bool {
	return same(concurrency.Shown(c.local.session), after(base, c.local.log))
}

// save saves and reports whether that went well.
func (c *modelClient) save() bool {
	c.travel()
	l := &c.local
	view := l.view()
	at := c.begin("save")
	at.log = l.log
	at.renews = l.state == stateLive && (l.renew || l.touches("user"))
	at.login = l.touches("user") && !l.privileged && view.UserID != ""
	at.privileged, at.remember = l.privileged, l.remember
	if at.renews || at.login {
		at.privileged = view.UserID != ""
	}
	if a := l.unfinished; a != nil {
		rest := l.log[len(a.log):]
		at.before = a
		at.rest = &attempt{log: rest, renews: l.again || touches(rest, "user"), remember: l.since}
		at.rest.login = touches(rest, "user") && !a.privileged && view.UserID != ""
	}
	start := time.Now()
	call := c.history.call()
	err := l.session.Save()
	elapsed := time.Since(start)
	if at.finished {
		c.moved(at.before)
	}
	c.s.log("%v saved %v: %v", c, names(l.log), err)
	c.history.saved(call, c, at, err, 0)
	if at.givenUp(err) {
		l.unfinished = nil
	}
	if err != nil {
		c.failed(at, err, elapsed)
		return false
	}
	c.saved(at, view)
	c.show("after Save")
	return true
}

// moved takes note that a renewal of unknown outcome has turned out to have moved the session.
func (c *modelClient) moved(a *attempt) {
	l := &c.local
	c.history.moved(a)
	c.model.mu.Lock()
	defer c.model.mu.Unlock()
	if r := c.model.records[a.added]; r.chain != nil {
		for _, change := range a.log {
			r.chain.acknowledged += change.count
		}
	}
	a.done = true
	l.key, l.base, l.log, l.renew, l.unsure = a.added, a.wrote, l.log[len(a.log):], l.again, false
	l.remember = l.since
	l.privileged, l.unfinished, l.cookie = a.privileged, nil, l.session.Meta().Token
}

func names(log []change) (n []string) {
	for _, c := range log {
		n = append(n, c.name+" "+c.field)
	}
	return n
}

// saved checks a Save that reported success, and takes note of it.
func (c *modelClient) saved(at *attempt, view fields) {
	l := &c.local
	if len(l.log) == 0 && !l.renew {
		c.check(at.calls == 0 || at.finished, "a Save of nothing cost I/O")
		return
	}
	key, _ := c.model.keyOf(l.session.Meta().Token)
	m := c.model
	m.mu.Lock()
	defer m.mu.Unlock()
	bad := func(format string, args ...any) { m.fail("%v: %s", c, fmt.Sprintf(format, args...)) }
	old, now := m.records[l.key], m.records[key]
	var counted int64
	for _, change := range l.log {
		counted += change.count
	}
	switch {
	case l.state == stateNew || l.state == stateEnded && at.login:
		want := after(fields{}, l.log)
		if key == "" && same(want, fields{}) { // an empty map is worth a session, nothing at all is not
			l.base, l.log = fields{}, nil
			return
		}
		if now == nil || key != at.added || !same(now.fields, want) {
			bad("created %+v\nwant    %+v", now, want)
			return
		}
		now.chain = new(chain)
	case l.state == stateEnded:
		bad("a request with the id from before a renewal has saved")
		return
	case at.renews && at.moved == key:
	case at.renews:
		m.setAgain(at)
		c.outlived(at, old, now, bad)
		if now == nil {
			return
		}
	default:
		if key != l.key || at.applied == 0 {
			bad("Save reported success and has written nothing")
			return
		}
	}
	if key != l.key || l.state != stateLive {
		l.cookie = l.session.Meta().Token
	}
	if now.chain != nil {
		now.chain.acknowledged += counted
	}
	now.reachable, at.done = true, true
	now.used = at.began
	if at.renews || at.login {
		l.privileged = view.UserID != ""
	}
	l.base = now.fields
	if !at.renews && l.state == stateLive {
		l.base = at.wrote // somebody may have written since
	}
	l.state, l.key, l.log, l.renew, l.unsure, l.unfinished = stateLive, key, nil, false, false, nil
	l.remember, l.since = unsaid, unsaid
}

// outlived checks a login whose old record had ended before it could save.
func (c *modelClient) outlived(at *attempt, old, now *modelRecord, bad func(string, ...any)) {
	l := &c.local
	if orphan := c.model.records[at.moved]; orphan != nil {
		orphan.chain = nil // the store has lied to a login about the old record: nobody will know what it became
	}
	kept := l.base
	kept.Note = "" // flashes stay with the session that went on
	alone, whole := after(fields{}, l.log), after(kept, l.log)
	switch {
	case now == nil || now.by != at:
		bad("Save reported success and has renewed nothing")
	case !at.login:
		bad("a renewal that is no login has outlived its record")
	case same(now.fields, whole) && old.kind == kindRenewed:
		now.chain = &chain{acknowledged: kept.Count}
	case same(now.fields, alone) && (old.kind != kindRenewed || at.misled || c.model.missing(l.key) ||
		at.seen != nil && !at.seen.found):
		now.chain = new(chain)
	default:
		bad("a login that came too late has %+v\nwant %+v\nor   %+v", now.fields, whole, alone)
	}
}

// failed checks a Save that reported an error, and takes note of it.
func (c *modelClient) failed(at *attempt, err error, elapsed time.Duration) {
	l := &c.local
	m := c.model
	m.mu.Lock()
	defer m.mu.Unlock()
	bad := func(why string) { m.fail("%v: Save: %v: %s", c, err, why) }
	if errors.Is(err, session.ErrUnknown) {
		left := at.taken && elapsed >= modelTimeout
		if !at.doubted && at.before == nil && !left {
			bad("no write was in doubt")
		}
		missed := errors.Is(err, session.ErrGone) || at.misled || at.seen != nil && !at.seen.found
		if at.tombstone != nil && !missed { // else it is taken for lost
			l.unfinished, l.again, l.since = at, false, unsaid
		}
		l.unsure = l.unsure || at.kind == "save"
		if r := m.records[l.key]; r != nil && r.chain != nil {
			for _, change := range at.log {
				r.chain.unknown += change.count
			}
		}
	} else {
		at.definite = true
		if at.applied > 0 {
			bad("it has written")
		}
	}
	switch {
	case errors.Is(err, session.ErrGone):
		r := m.records[l.key]
		alive := l.state == stateNew || l.state == stateLive && r.kind == kindLive && !m.missing(l.key) && m.clock(l.process).Before(r.ends())
		if alive && !at.misled {
			bad("the session is alive")
		}
	case errors.Is(err, session.ErrConflict):
		if elapsed < modelTimeout {
			bad("there was time left")
		}
	case errors.Is(err, session.ErrUnavailable):
		if !at.failed && elapsed < modelTimeout {
			bad("the store has answered each call")
		}
	case !errors.Is(err, session.ErrUnknown):
		bad("an error of an unknown kind")
	}
}

// take takes the flash.
func (c *modelClient) take() {
	c.travel()
	l := &c.local
	view := l.view()
	at := c.begin("take")
	start := time.Now()
	call := c.history.call()
	got, ok := l.session.TakeNote()
	c.s.log("%v took %q %v", c, got, ok)
	if ok {
		c.check(c.owns(fields{Note: got}), "took another visitor's flash %q", got)
		c.model.mu.Lock()
		if by, twice := c.model.taken[got]; twice {
			c.model.fail("%v took %q, which %s took before", c, got, by)
		}
		c.model.taken[got] = c.String()
		c.model.mu.Unlock()
	}
	if at.calls > 0 {
		c.history.took(call, c, at, got)
	}
	pending := l.touches("note")
	switch {
	case l.unfinished != nil && at.calls == 0:
		c.check(!ok, "took from a session that may be elsewhere")
	case pending && l.unsure:
		c.check(at.calls == 0 && !ok, "took what another request may take too")
	case pending:
		c.check(at.calls == 0 && got == view.Note, "took %q, %q was pending", got, view.Note)
		if ok {
			l.log = slices.DeleteFunc(slices.Clone(l.log), func(c change) bool { return c.field == "note" })
		}
		if ok && l.base.Note != "" {
			l.log = append(l.log, clearNote)
		}
	case view.Note == "" || l.state != stateLive:
		c.check(at.calls == 0 && !ok, "took %q where there was none", got)
	case ok:
		c.check(at.applied == 1, "took without removing it")
		l.base = at.wrote
	case at.last == get && at.seen.live() && at.seen.fields.Note == "" && (!at.doubted || at.taken && c.shows(at.seen.fields)):
		l.base = at.seen.fields // somebody else has taken it
	case at.found != nil && c.shows(*at.found):
		l.base = *at.found // ... just before, by the same swap
	case at.taken && time.Since(start) >= modelTimeout:
		// It has left while another request saved for it.
	default:
		c.check(at.applied == 0 || at.doubted, "removed and returned nothing")
	}
	c.show("after Take")
}

// destroy logs out. What has failed to end before is part of it.
func (c *modelClient) destroy() {
	c.travel()
	l := &c.local
	if l.state == stateLive || l.valid {
		l.ending = append(l.ending, l.key)
	}
	if a := l.unfinished; a != nil && a.login && a.moved != "" && !c.model.missing(l.key) {
		l.ending = append(l.ending, a.added)
	}
	at := c.begin("destroy")
	start := time.Now()
	call := c.history.call()
	err := l.session.Destroy()
	c.s.log("%v logged out: %v", c, err)
	for _, key := range l.ending {
		c.history.destroyed(call, c, key, err)
	}
	switch {
	case len(l.ending) == 0:
		c.check(err == nil && at.calls == 0, "the end of nothing: %v", err)
	case err == nil:
		c.check(at.calls > 0, "Destroy says without I/O that it has ended something")
		c.model.mu.Lock()
		for _, key := range l.ending {
			if !c.model.dead(key) && !at.misled {
				c.model.fail("%v: a logout was not final", c)
			}
		}
		c.model.mu.Unlock()
		l.ending = nil
	default:
		c.check(at.failed || time.Since(start) >= modelTimeout, "Destroy failed although the store answered: %v", err)
		if !at.misled {
			c.model.mu.Lock()
			c.model.leaving = append(c.model.leaving, l.ending...)
			c.model.mu.Unlock()
		}
	}
	if l.state == stateLive || l.state == stateNew && l.hadCookie {
		l.cookie = "expired"
	}
	if l.state != stateEnded {
		l.state, l.privileged = stateNew, false
	}
	l.key, l.valid = "", false
	l.base, l.log, l.renew, l.unsure, l.unfinished = fields{}, nil, false, false, nil
	l.remember, l.since = unsaid, unsaid
	c.show("after Destroy")
}

// receive lets the response arrive at the browser.
func (c *modelClient) receive(w *httptest.ResponseRecorder) {
	cookies := w.Result().Cookies()
	got := ""
	if len(cookies) > 0 {
		if got = cookies[0].Value; cookies[0].MaxAge < 0 {
			got = "expired"
		}
	}
	c.check(len(cookies) <= 1 && got == c.local.cookie, "%d cookies, want the one of a session that has been saved: %t", len(cookies), c.local.cookie != "")
	if got == "" {
		return
	}
	v := c.visitor
	if v.cookie != nil {
		v.earlier = append(v.earlier, v.cookie)
	}
	v.cookie = cookies[0]
	if got == "expired" {
		v.cookie = nil
	}
}
