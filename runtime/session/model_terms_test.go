package session_test

import (
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/token"
)

// What the model knows of how long sessions live: each of the three kinds has times of its own.
var (
	modelAnonymous  = session.Timeouts{Idle: 6 * time.Minute, Lifetime: 15 * time.Minute}
	modelRemembered = session.Timeouts{Idle: 20 * time.Minute, Lifetime: 50 * time.Minute}
)

func modelTimes(f token.Flags) session.Timeouts {
	switch f {
	case token.Anonymous:
		return modelAnonymous
	case token.Remembered:
		return modelRemembered
	}
	return session.Timeouts{Idle: modelIdle, Lifetime: modelLifetime}
}

// said is what Remember was called with.
type said byte

const (
	unsaid said = iota
	saidYes
	saidNo
)

// ends returns when a record's lifetime is over.
func (r *modelRecord) ends() time.Time { return r.created.Add(modelTimes(r.flags).Lifetime) }

// ttl is what whoever writes the record at key gives it.
func (m *model) ttl(key string) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.records[key]
	return min(modelTimes(r.flags).Idle, r.ends().Sub(m.s.clock.now()))
}

// kindOf checks which times a new record says that hold, for whoever holds m.mu.
func (m *model) kindOf(c *storeCall, r *modelRecord) {
	at := c.attempt
	ok := false
	switch {
	case r.fields.UserID == "":
		ok = r.flags == token.Anonymous
	case at.remember == saidYes:
		ok = r.flags == token.Remembered
	case at.remember == saidNo, at.login:
		ok = r.flags == 0
	default: // as before: renewed checks that
		ok = r.flags == 0 || r.flags == token.Remembered
	}
	if !ok {
		m.fail("%v: a record of %+v after Remember %d, login %t: flags %x", c.client, r.fields, at.remember, at.login, r.flags)
	}
}

// renew calls Renew, or Remember, which renews too.
func (c *modelClient) renew() {
	l := &c.local
	switch c.rng.IntN(3) {
	case 0:
		l.session.Renew()
	case 1:
		l.session.Remember(true)
		l.remember, l.since = saidYes, saidYes
	case 2:
		l.session.Remember(false)
		l.remember, l.since = saidNo, saidNo
	}
	l.renew = l.state != stateNew
	l.again = l.renew
}
