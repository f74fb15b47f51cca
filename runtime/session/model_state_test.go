package session_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/sessiongen/sessiongen/internal/concurrency"
	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/token"
)

// fields are what a session holds, absent ones as their zero values.
type fields = visitor.SessionSchema

// A change is what one call of a setter does to the fields.
type change struct {
	name   string
	field  string
	apply  func(*fields)
	once   bool // an add or an append: to do it twice is more than to do it once
	resets bool // a set or a clear: it makes what was done to the field before pointless
	count  int64
}

// after returns what changes make of fields, which stay as they are.
func after(f fields, changes []change) fields {
	f.Items = slices.Clone(f.Items)
	f.Marks = maps.Clone(f.Marks)
	for _, c := range changes {
		c.apply(&f)
	}
	return normal(f)
}

// normal makes what is empty and what is absent the same.
func normal(f fields) fields {
	if len(f.Items) == 0 {
		f.Items = nil
	}
	if len(f.Marks) == 0 {
		f.Marks = nil
	}
	return f
}

func same(a, b fields) bool { return reflect.DeepEqual(normal(a), normal(b)) }

// An attempt is one call of Load, Save, Take or Destroy, and what the store saw of it.
type attempt struct {
	client   string
	number   int // in the order of arrival
	kind     string
	process  int
	key      string // of the record that it is about
	log      []change
	renews   bool
	remember said // of Remember, as last called
	login    bool
	began    time.Time

	calls    int
	added    string    // key of the newest record that it has added and knows to be there
	applied  int       // writes of fields, or of a tombstone
	moved    string    // key of the record in whose favour one of them ended the old one
	wrote    fields    // by the last write of fields
	seen     *sight    // by the last Get
	last     string    // verb of the last call, if it was answered
	failed   bool      // a call has failed without an answer
	doubted  bool      // ... which was a write and may have happened
	stranger bool      // the last answer was another key's record
	asked    time.Time // ... and when it was asked for
	gone     bool      // a Touch has found nothing
	misled   bool      // the store has denied a record that it has
	definite bool      // it has returned an error that says that nothing was written
	taken    bool      // it has been in another's swap
	found    *fields   // where it has found nothing to take, after what others have written with it

	before     *attempt // the renewal of unknown outcome that comes first
	rest       *attempt // what it is then, if the session has moved
	finished   bool     // it has: the attempt is the rest
	beyond     bool     // the attempt has written something else than that renewal's tombstone
	tombstone  []byte   // that it has sent last
	privileged bool     // the session, afterwards
	operation  int      // its number in the history
	done       bool     // it has reported success
}

// finish makes the attempt what is left of it where the renewal before it has moved the session.
func (a *attempt) finish() {
	a.finished, a.key = true, a.before.added
	a.log, a.renews, a.login, a.remember = a.rest.log, a.rest.renews, a.rest.login, a.rest.remember
}

// givenUp reports whether the renewal before the attempt has turned out not to have moved the session, or cannot be
// found out about any more: all that was in it is pending again.
func (a *attempt) givenUp(err error) bool {
	return a.before != nil && !a.finished &&
		(a.beyond || !errors.Is(err, session.ErrUnknown) || errors.Is(err, session.ErrGone))
}

// joins reports whether others may write the attempt, or tell it that the session has ended.
func (a *attempt) joins() bool {
	return a.kind != "destroy" && !a.renews && (a.before == nil || a.finished)
}

// once reports whether the attempt must not be applied twice.
func (a *attempt) once() bool {
	for i, c := range a.log {
		pointless := slices.ContainsFunc(a.log[i+1:], func(d change) bool { return d.resets && d.field == c.field })
		if c.once && !pointless {
			return true
		}
	}
	return a.kind == "take"
}

// A sight is what a Get showed.
type sight struct {
	kind    byte // of a record that is there
	found   bool
	fields  fields
	created time.Time
	flags   token.Flags
}

func (s *sight) live() bool { return s != nil && s.found && s.kind == kindLive }

// The format of a record, as the design has it.
const (
	kindLive      = 0
	kindRenewed   = 1
	kindDestroyed = 2
)

// A modelRecord is a record as it should be.
type modelRecord struct {
	kind      byte
	fields    fields
	created   time.Time
	flags     token.Flags
	next      string // of a renewed one
	login     bool   // ... by a login
	by        *attempt
	reachable bool // somebody may have its id
	deleted   bool
	evicted   bool
	used      time.Time // by the last request whose calls all succeeded
	chain     *chain
}

// A chain is a session under all ids that it has had, for the bounds of its counter.
type chain struct{ acknowledged, unknown int64 }

// A model follows, write by write, what the store should hold.
type model struct {
	s    *schedule
	ring *token.Ring
	skew []time.Duration // of the processes' clocks

	mu      sync.Mutex
	records map[string]*modelRecord
	order   []string          // keys of records, oldest first
	names   map[string]string // short ones for the trace
	taken   map[string]string // flashes and who got them
	leaving []string          // keys of sessions whose Destroy has failed: to be ended in the background

	violations []string
}

func newModel(s *schedule, processes int) *model {
	cfg := concurrency.Config()
	ring, err := token.NewRing("github.com/sessiongen/sessiongen/internal/fixture/visitor.Session", "session", cfg.Secrets)
	if err != nil {
		panic(err)
	}
	m := &model{s: s, ring: ring, records: make(map[string]*modelRecord), names: make(map[string]string), taken: make(map[string]string)}
	for range processes {
		m.skew = append(m.skew, time.Duration(s.rng.IntN(2000))*time.Millisecond)
	}
	return m
}

// clock is a process's own.
func (m *model) clock(process int) time.Time { return m.s.clock.now().Add(m.skew[process]) }

func (m *model) fail(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	m.s.log("!! %s", text)
	m.violations = append(m.violations, text)
}

// name returns a short name of a record.
func (m *model) name(key string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, ok := m.names[key]
	if !ok {
		n = fmt.Sprintf("#%d", len(m.names)+1)
		m.names[key] = n
	}
	return n
}

// keyOf returns where the store has the session of a token, and until when the token is good.
func (m *model) keyOf(text string) (key string, until time.Time) {
	claims, ok := m.ring.Verify(text)
	if !ok {
		return "", until
	}
	return m.ring.StoreKey("", claims.ID), claims.Created.Add(modelTimes(claims.Flags).Lifetime)
}

// decode opens a record without the engine's help.
func (m *model) decode(key string, sealed []byte) (r modelRecord, successor string) {
	plain, err := m.ring.Open(slices.Clone(sealed), key)
	if err != nil {
		m.fail("a record that does not open: %v", err)
		return r, ""
	}
	at := func(i int) time.Time { return time.Unix(0, int64(binary.BigEndian.Uint64(plain[i:]))) }
	r.kind, r.flags, r.created = plain[0]&3, token.Flags(plain[0]&^3), at(1)
	switch body := plain[9:]; r.kind {
	case kindLive:
		r.fields = m.decodeFields(body)
	case kindRenewed:
		if len(body) > 0 {
			successor = m.ring.StoreKey("", token.ID(body))
		}
	}
	return r, successor
}

func (m *model) decodeFields(b []byte) (f fields) {
	values, rest, err := msgp.ReadMapStrIntfBytes(b, nil)
	if err != nil || len(rest) != 0 {
		m.fail("a record that is no map: %v", err)
	}
	for key, v := range values {
		switch key {
		case "user_id":
			f.UserID = v.(string)
		case "user_name":
			f.UserName = v.(string)
		case "color":
			f.Color = v.(string)
		case "size":
			f.Size = v.(string)
		case "note":
			f.Note = v.(string)
		case "count":
			f.Count = v.(int64)
		case "items":
			for _, item := range v.([]any) {
				f.Items = append(f.Items, item.(string))
			}
		case "marks":
			f.Marks = make(map[string]string)
			for k, v := range v.(map[string]any) {
				f.Marks[k] = v.(string)
			}
		default:
			m.fail("a field that nobody has: %s", key)
		}
	}
	return normal(f)
}

// read notes what a Get showed.
func (m *model) read(c *storeCall) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.records[c.key]
	switch {
	case c.err != nil:
		c.attempt.seen = new(sight)
	case r == nil:
		m.fail("a record that nobody wrote")
	default:
		c.attempt.seen = &sight{
			found: true, kind: r.kind, fields: r.fields, created: r.created, flags: r.flags,
		}
		// What the process compares with is the time at which it asked, at first if it has been given another's record.
		asked := c.asked
		if c.attempt.stranger {
			asked = c.attempt.asked
		}
		if r.kind == kindLive && !asked.Add(m.skew[c.attempt.process]).Before(r.ends()) {
			c.attempt.seen = new(sight) // its lifetime is over
		}
	}
}

// stranger returns another record than the one that was asked for.
func (m *model) stranger(key string) ([]byte, session.Version, error) {
	for _, other := range m.order {
		if other == key {
			continue
		}
		if value, v, err := m.s.inner.Get(context.Background(), other); err == nil {
			return value, v, nil
		}
	}
	return nil, session.Version{}, errNoReply
}

// answered notes what the answer to a call tells of a renewal that came before the attempt. After a store has denied
// the record that is the renewal's tombstone the session takes it for lost.
func (m *model) answered(c *storeCall) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, a := c.attempt, c.attempt.before
	if a == nil || at.finished || at.misled {
		return
	}
	if c.verb == get && bytes.Equal(c.got, a.tombstone) || c.verb == swap && bytes.Equal(c.value, a.tombstone) {
		at.finish()
	}
}

// sent notes the tombstone of a renewal.
func (m *model) sent(c *storeCall) {
	at := c.attempt
	again := at.before != nil && bytes.Equal(c.value, at.before.tombstone)
	at.beyond = at.beyond || c.verb == add || c.verb == swap && !again
	if c.verb != swap || at.kind != "save" || again {
		return
	}
	if r, _ := m.decode(c.key, c.value); r.kind == kindRenewed {
		at.tombstone = c.value
	}
}

// added checks and notes a new record.
func (m *model) added(c *storeCall) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.err != nil {
		m.fail("%v: Add says %v: an id is used twice", c.client, c.err)
		return
	}
	if m.records[c.key] != nil {
		m.fail("%v adds a record under an id that has been used", c.client)
	}
	r, _ := m.decode(c.key, c.value)
	if r.kind != kindLive {
		m.fail("%v adds a tombstone", c.client)
	}
	if c.attempt.login && r.created.Before(c.attempt.began.Add(m.skew[c.attempt.process])) {
		m.fail("%v: a login does not begin a new lifetime", c.client)
	}
	m.kindOf(c, &r)
	r.by, r.used = c.attempt, m.s.clock.now()
	m.records[c.key] = &r
	m.order = append(m.order, c.key)
}

// swapped checks and notes a write.
func (m *model) swapped(c *storeCall) {
	if c.err != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	at, added, r := c.attempt, c.added, m.records[c.key]
	if a := at.before; a != nil && bytes.Equal(c.value, a.tombstone) {
		at, added = a, a.added
	}
	next, successor := m.decode(c.key, c.value)
	if r == nil || r.kind != kindLive {
		m.fail("%v writes a record that has ended", c.client)
		return
	}
	if next.kind == kindLive && !next.created.Equal(r.created) {
		m.fail("%v changes when the session was created", c.client)
	}
	if next.kind == kindLive && next.flags != r.flags {
		m.fail("%v changes which times hold under the same id", c.client)
	}
	if next.kind != kindLive && c.ttl != modelGrace {
		m.fail("%v writes a tombstone for %v", c.client, c.ttl)
	}
	wrote := m.applied(at, r.fields, next.kind == kindLive)
	switch {
	case next.kind == kindLive && at.kind != "destroy" && !at.renews && at.found == nil:
		for i, a := range c.with {
			if a.key != c.key || a.process != at.process || !a.joins() {
				m.fail("%v writes what a %s of %v is to write alone", c.client, a.kind, a.client)
			}
			if i > 0 && a.before == nil && a.number < c.with[i-1].number {
				m.fail("%v writes what others want, and not in the order of their arrival", c.client)
			}
			wrote = m.applied(a, wrote, true)
		}
	case len(c.with) > 0:
		m.fail("%v ends a session with the changes of others", c.client)
		return
	case next.kind == kindRenewed && at.kind == "save" && at.renews:
		m.renewed(c, at, added, r, successor)
		return
	case next.kind == kindDestroyed && at.kind == "destroy":
		r.kind = kindDestroyed
		return
	default:
		m.fail("%v: a %s writes a record of kind %d", c.client, at.kind, next.kind)
		return
	}
	if !same(next.fields, wrote) {
		m.fail("%v wrote %+v\nwant  %+v", c.client, next.fields, wrote)
	}
	r.fields = wrote
}

// applied notes that an attempt has been written, and returns what it makes of fields, if it writes any.
func (m *model) applied(at *attempt, f fields, live bool) fields {
	at.found = nil
	switch {
	case live && at.kind == "take" && f.Note == "":
		at.found = &f
		return f
	case live && at.kind == "take":
		f.Note = ""
	case live:
		f = after(f, at.log)
		m.setAgain(at)
	}
	if at.definite {
		m.fail("%s writes, and had said that nothing was written", at.client)
	}
	if at.applied++; at.applied > 1 && at.once() && !at.renews {
		m.fail("%s writes twice what must be done once", at.client)
	}
	if live {
		at.wrote = f
	}
	return f
}

// setAgain notes that a flash has been set, perhaps for the second time: by a Save that could not know of its first
// write, or by another try of the client. It may then be taken once more.
func (m *model) setAgain(at *attempt) {
	for _, c := range at.log {
		if c.field == "note" {
			delete(m.taken, after(fields{}, []change{c}).Note)
		}
	}
}

// renewed checks and notes that a session goes on under the id that the attempt has added.
func (m *model) renewed(c *storeCall, at *attempt, added string, r *modelRecord, successor string) {
	m.setAgain(at)
	if at.login != (successor == "") || successor != "" && successor != added {
		m.fail("%v leaves the wrong tombstone", c.client)
	}
	next := m.records[added]
	if next == nil {
		m.fail("%v ends a record before there is another one", c.client)
		return
	}
	if want := after(r.fields, at.log); !same(next.fields, want) {
		m.fail("%v renewed into %+v\nwant  %+v", c.client, next.fields, want)
	}
	if !at.login && next.flags == r.flags && !next.created.Equal(r.created) {
		m.fail("%v: a renewal that is no login changes when the session was created", c.client)
	}
	if !at.login && next.flags != r.flags && next.created.Before(at.began.Add(m.skew[at.process])) {
		m.fail("%v: a renewal that changes which times hold does not begin a new lifetime", c.client)
	}
	if at.remember == unsaid && !at.login && next.fields.UserID != "" && next.flags != r.flags {
		m.fail("%v: a renewal changes which times hold, and nobody has said so", c.client)
	}
	r.kind, r.next, r.login = kindRenewed, added, at.login
	at.moved, at.wrote = added, next.fields
	next.reachable = true
	if !at.done { // else the session went on under another id
		next.chain = r.chain
	}
}

// deleted checks that nothing is deleted but by a logout, or before anybody could have its id.
func (m *model) deleted(c *storeCall) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.records[c.key]
	if r == nil {
		return
	}
	r.deleted, r.evicted = !c.attempt.misled, r.evicted || c.attempt.misled
	if c.attempt.kind == "destroy" {
		return
	}
	if r.by != c.attempt && r.by != c.attempt.before || r.reachable {
		m.fail("%v deletes a session", c.client)
	}
}

// dead reports whether a logout of the session at key was final: neither it nor what it went on as can be loaded. It is
// excused where the store has lost the tombstone that says as what it went on.
func (m *model) dead(key string) bool {
	for {
		r := m.records[key]
		switch {
		case m.missing(key) && !r.deleted:
			return true
		case r.kind == kindRenewed && !r.login:
			key = r.next
		default:
			return r.kind != kindLive || m.missing(key)
		}
	}
}

// missing reports whether the store has nothing under a key, because that is deleted, evicted, or its time is over.
func (m *model) missing(key string) bool {
	_, _, err := m.s.inner.Get(context.Background(), key)
	return err != nil
}

func (m *model) live(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.records[key]
	return r != nil && r.kind == kindLive
}

func (m *model) evicted(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.records[key]; r != nil {
		r.evicted = true
	}
}

// use notes that a request has slid a session's expiry, or has found that it need not yet. One that relies on a touch
// which is still under way does not count.
func (m *model) use(load *attempt) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.s.isWaiting(touch, load.key) {
		m.records[load.key].used = load.began
	}
}

// early reports whether a session that a Load did not find should still have been there.
func (m *model) early(load *attempt) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	const slack = 5 * time.Second // for the skew of clocks, and for the time that calls take
	r, now := m.records[load.key], m.s.clock.now()
	return r != nil && load.seen != nil && !load.misled && r.kind == kindLive && !r.deleted && !r.evicted &&
		now.Before(r.used.Add(modelTimes(r.flags).Idle*9/10-slack)) && now.Before(r.ends().Add(-slack))
}

// check looks at everything at the end.
func (m *model) check() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, key := range m.leaving {
		if !m.dead(key) {
			m.fail("a logout that failed was given up: %s", m.names[key])
		}
	}
	for key, r := range m.records {
		if r.kind == kindLive && !r.reachable && !m.s.failed && !m.missing(key) {
			m.fail("a record is left of which nobody has the id")
		}
		value, _, err := m.s.inner.Get(context.Background(), key)
		if err != nil {
			continue
		}
		got, _ := m.decode(key, value)
		if got.kind != r.kind || r.kind == kindLive && !same(got.fields, r.fields) {
			m.fail("the store has %+v\nwant  %+v", got.fields, r.fields)
		}
		if c := r.chain; r.kind == kindLive && c != nil && (r.fields.Count < c.acknowledged || r.fields.Count > c.acknowledged+c.unknown) {
			m.fail("counted %d, acknowledged are %d, unknown %d", r.fields.Count, c.acknowledged, c.unknown)
		}
	}
}

// owns reports whether every value was written for the client's visitor.
func (c *modelClient) owns(got fields) bool {
	texts := append([]string{got.UserID, got.UserName, got.Color, got.Size, got.Note}, got.Items...)
	texts = slices.AppendSeq(texts, maps.Values(got.Marks))
	for _, text := range texts {
		if text != "" && !strings.HasPrefix(text, c.visitor.name+" ") {
			return false
		}
	}
	return true
}
