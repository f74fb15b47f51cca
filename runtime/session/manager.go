package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/sessiongen/sessiongen/runtime/record"
)

// The generations of generated code that this runtime works with. Generated code compares both with its own, so that a
// mismatch does not compile.
const (
	Generation       = 1
	OldestGeneration = 1
)

// Of marks a generated session type and names the schema that it was generated from, for tools that read types. go vet
// finds whoever copies what it is in (its analyzer copylocks).
type Of[Schema any] struct{ _ [0]sync.Mutex }

// A Schema is what generated code tells a Manager of its session type S.
type Schema[S any] struct {
	Name     string                            // of the wrapper
	Identity string                            // the wrapper's import path and name, or the directive's id=
	Fields   []record.Field                    // in the order of the schema
	New      func() (*S, *Core, []record.Slot) // a session, with the parts that the runtime works with, in one allocation
	Core     func(*S) *Core                    // that part of a session that New made
}

// A Manager loads, guards and opens the sessions of one schema. It is made by generated code (NewSessions) and safe for
// concurrent use. S is the generated session type.
type Manager[S any] struct {
	e        *engine
	schema   Schema[S]
	importer func(http.ResponseWriter, *http.Request, *S) (func() error, error) // or nil: see Import
}

// NewManager is what generated constructors call. The error names the field of cfg that cannot be.
func NewManager[S any](store Store, cfg Config, schema Schema[S]) (*Manager[S], error) {
	if schema.Identity == "" {
		return nil, errors.New("session: the schema has no identity: its generated code is an old one, run go generate")
	}
	e, err := newEngine(store, cfg, schema.Name, schema.Identity, schema.Fields)
	if err != nil {
		return nil, err
	}
	return &Manager[S]{e: e, schema: schema}, nil
}

// Format prints m's names, whatever the verb: nothing in it is for a log.
func (m Manager[S]) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.String()) }

// String names the session type and the cookie.
func (m Manager[S]) String() string {
	if m.e == nil {
		return "session.Manager{}"
	}
	return fmt.Sprintf("session.Manager{Session: %s, Cookie: %s}", m.e.wrapper, m.e.cfg.Cookie.Name)
}

// Load returns the session of a request: the one that its cookie names, or a new empty one if there is no cookie, if
// the cookie is not one of this manager's, or if the session has ended. The session is bound to the response, so that
// Save can set the cookie; the handler has to Save before it writes. A Save that comes later and needs a cookie is
// ErrLateSave where w or a writer that it wraps says that the header has gone out; net/http's own cannot be asked.
//
// The error is ErrUnavailable, when the store could not be asked: never a silent logout. The session is nil then.
//
// Inside Middleware or Handle of the same manager it returns that request's one session.
//
// A request without a cookie costs no I/O; one with a cookie costs one Get and, once per tenth of IdleTimeout, one
// Touch.
func (m *Manager[S]) Load(w http.ResponseWriter, r *http.Request) (*S, error) {
	if v := m.visitOf(r.Context()); v != nil && !v.over.Load() {
		return v.session()
	}
	events := m.e.report(r.Context())
	defer events.tell()
	s, _, err := m.bind(response{w: w, request: r, writer: writerOf(w), unset: hasNoStatus(w)}, events)
	return s, err
}

func (m *Manager[S]) bind(resp response, events *report) (*S, *Core, error) {
	r := resp.request
	_, resp.bearer = m.e.bearer(r.Header)
	s, c := m.new(r.Context(), resp)
	c.report = events
	defer func() { c.report = nil }()
	c.resp.vary(m.e.varies(resp.bearer))
	if err := c.loadFirst(r.Header); err != nil {
		return nil, nil, err
	}
	if err := m.carry(s, c); err != nil {
		return nil, nil, err
	}
	return s, c, nil
}

func (m *Manager[S]) new(ctx context.Context, resp response) (*S, *Core) {
	s, c, slots := m.schema.New()
	c.init(m.e, slots, ctx, resp)
	return s, c
}

// Open returns the session of a token (Meta.Token), outside a request: in a job, for a websocket, in a test. ctx bounds
// Open alone. It slides the expiry as Load does.
//
// Save and Destroy work on the session. A Save that would have to send a cookie, because the id is renewed, is
// ErrLateSave.
//
// The errors: ErrInvalidToken for a token that is malformed, forged, expired or another manager's; ErrGone for a
// session that has ended; ErrUnavailable.
func (m *Manager[S]) Open(ctx context.Context, token string) (*S, error) {
	events := m.e.report(ctx)
	defer events.tell()
	now := m.e.cfg.Now()
	claims, ok := m.e.verify(token, now)
	if !ok {
		events.refuse(claims)
		events.refused()
		return nil, ErrInvalidToken
	}
	s, c := m.new(ctx, response{})
	c.report = events
	defer func() { c.report = nil }()
	alive, err := c.loadToken(claims, now)
	c.loaded(alive, err)
	switch {
	case err != nil:
		return nil, err
	case !alive:
		return nil, ErrGone
	}
	return s, nil
}
