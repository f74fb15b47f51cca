package session

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/token"
)

// A phase is how a session stands to the store.
type phase uint8

const (
	phaseNew   phase = iota // the store has nothing of it
	phaseLive               // the store had its record when it was loaded or saved
	phaseEnded              // its record has ended since: Save is ErrGone, unless it is a login
)

// A Core is the part of a session that does not depend on its fields' types. Generated sessions hold one and delegate to
// it; nothing else uses it. It is safe for concurrent use after it was bound.
type Core struct {
	record.Fields

	e    *engine
	ctx  context.Context
	resp response

	mu         sync.Mutex // one Save, Destroy or Take at a time; guards what follows
	phase      phase
	id         token.ID
	key        string // in the store; of a new session, the key that its cookie led to in vain, or none
	created    time.Time
	version    Version
	current    bool // version is that of Fields.Base
	privileged bool // a renew field had a value when the session was loaded or last renewed
	renew      bool
	unsure     bool     // the last Save may have written what is still pending
	ending     []ending // what Destroy was called for and has not ended
	cookieDue  bool     // Destroy has to expire the browser's cookie
	size       int
}

func (c *Core) init(e *engine, slots []record.Slot, ctx context.Context, resp response) {
	c.e = e
	c.ctx = ctx
	c.resp = resp
	c.Fields.Init(e.layout, slots, c)
}

// Now is the time of Config's clock, for the fields.
func (c *Core) Now() time.Time { return c.e.cfg.Now() }

// Misfit logs a stored value that is not of its field's type.
func (c *Core) Misfit(f *record.Field) {
	c.e.cfg.Logger.WarnContext(c.ctx, "stored session field does not fit its type and reads as absent", "key", f.Key)
}

// load fills the core with the session that a verified token names, if the store still has it, and reports whether it
// does. The error is that the store could not be asked.
func (c *Core) load(id token.ID, created time.Time) (bool, error) {
	now := c.e.cfg.Now()
	if c.e.expired(created, now) {
		return false, nil
	}
	key := c.e.ring.StoreKey(c.e.cfg.KeyPrefix, id)
	c.key = key
	s, err := c.e.fetch(c.ctx, key, now)
	if err == ErrNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	switch s.kind {
	case kindRenewed:
		c.phase = phaseEnded
		return false, nil
	case kindDestroyed:
		return false, nil
	}
	if err := c.Fields.Open(s.fields); err != nil {
		c.unreadable(err)
		return false, nil
	}
	if c.e.touches.due(key, now) && errors.Is(c.touch(key, s.created, now), ErrNotFound) {
		c.Fields.Clear()
		return false, nil
	}
	c.adopt(id, key, s.created, s.size)
	c.version, c.current = s.version, true
	c.privileged = c.Fields.Privileged()
	return true, nil
}

// touch slides the expiry of a record. If the store cannot, or panics, the next load tries again.
func (c *Core) touch(key string, created, now time.Time) error {
	touched := false
	defer func() {
		if !touched {
			c.e.touches.forget(key)
		}
	}()
	err := c.e.store.Touch(c.ctx, key, c.e.ttl(created, now))
	touched = err == nil || errors.Is(err, ErrNotFound)
	if !touched {
		c.e.cfg.Logger.WarnContext(c.ctx, "session could not be touched", "error", err)
	}
	return err
}

// unreadable logs that a record opens and has no fields that make sense.
func (c *Core) unreadable(err error) {
	c.e.cfg.Logger.WarnContext(c.ctx, "session record cannot be read, the session has ended", "error", err)
}

// adopt makes the core the session of an id.
func (c *Core) adopt(id token.ID, key string, created time.Time, size int) {
	c.phase = phaseLive
	c.id, c.key, c.created, c.size = id, key, created, size
	c.current = false
}

// Renew gives the session a new id at the next Save, which keeps its fields and the time of its creation. A session that
// is not in the store yet has nothing to renew.
func (c *Core) Renew() {
	c.mu.Lock()
	c.renew = c.phase != phaseNew
	c.mu.Unlock()
}

// Meta returns what is known of the session beside its fields.
func (c *Core) Meta() Meta {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.phase != phaseLive {
		return Meta{New: true}
	}
	return Meta{
		ID:      logID(c.key),
		Token:   c.e.ring.Sign(c.id, c.created),
		Created: c.created,
		Expires: earlier(c.created.Add(c.e.cfg.Lifetime), c.e.cfg.Now().Add(c.e.cfg.IdleTimeout)),
		Size:    c.size,
	}
}

// Text shows the fields that have a value, but for secret ones, as String of the named wrapper. The values of fields whose
// types are not among the simple ones come from field, which returns nil for any other and may be nil itself.
func (c *Core) Text(name string, field func(i int) any) string {
	b := append([]byte(name), '{')
	c.each(field, func(f *record.Field, v any) {
		if b[len(b)-1] != '{' {
			b = append(b, ", "...)
		}
		b = appendValue(append(append(b, f.Name...), ": "...), v)
	})
	return string(append(b, '}'))
}

// LogValue is a group of the fields that have a value, but for secret ones, by their stored keys. Values are as in Text.
func (c *Core) LogValue(field func(i int) any) slog.Value {
	var attrs []slog.Attr
	c.each(field, func(f *record.Field, v any) { attrs = append(attrs, slog.Any(f.Key, v)) })
	return slog.GroupValue(attrs...)
}

func (c *Core) each(field func(i int) any, do func(*record.Field, any)) {
	for i := range c.e.layout.Len() {
		f := c.e.layout.Field(i)
		switch {
		case !c.Fields.Has(i):
		case f.Secret:
			do(f, redacted)
		default:
			do(f, c.show(i, field))
		}
	}
}

func (c *Core) show(i int, field func(i int) any) any {
	if field != nil {
		if v := field(i); v != nil {
			return v
		}
	}
	return c.Fields.Value(i)
}
