package session

import (
	"fmt"
	"time"

	"github.com/sessiongen/sessiongen/runtime/token"
)

// Timeouts are how long sessions of one kind live: see Config.Anonymous and Config.Remembered. Less than a second is an
// error.
type Timeouts struct {
	Idle     time.Duration // after the last request; NoTimeout for none
	Lifetime time.Duration // after the creation or the login, used or not
}

// NoTimeout, as Config.IdleTimeout or Timeouts.Idle, lets a session live for its whole Lifetime, used or not.
const NoTimeout time.Duration = 1<<63 - 1

const (
	defaultIdleTimeout time.Duration = 30 * time.Minute
	defaultLifetime    time.Duration = 12 * time.Hour
	defaultSaveTimeout time.Duration = time.Second

	defaultRememberedIdle     = 14 * 24 * time.Hour
	defaultRememberedLifetime = 30 * 24 * time.Hour
)

// rules are the flags of a token by which timeouts decides.
const rules = token.Anonymous | token.Remembered

// timeouts returns which hold for a session with these flags: the rule's, unless one of them says otherwise. Of two
// that contradict each other the one that promises less.
func (c *Config) timeouts(f token.Flags) Timeouts {
	switch {
	case f&token.Anonymous != 0:
		return c.Anonymous
	case f&token.Remembered != 0:
		return c.Remembered
	}
	return Timeouts{Idle: c.IdleTimeout, Lifetime: c.Lifetime}
}

// remembers reports whether the flags are those of a session that outlives the browser.
func (c *Config) remembers(f token.Flags) bool { return f&rules == token.Remembered }

// completeTimes fills in the durations, or says which of them cannot be.
func (c *Config) completeTimes() error {
	idleSaid := c.IdleTimeout != 0
	anonymousIdleSaid := idleSaid || c.Anonymous.Idle != 0
	for _, d := range []struct {
		name     string
		value    *time.Duration
		fallback *time.Duration
		least    time.Duration
	}{
		{"IdleTimeout", &c.IdleTimeout, new(defaultIdleTimeout), time.Second},
		{"Lifetime", &c.Lifetime, new(defaultLifetime), time.Second},
		{"Anonymous.Idle", &c.Anonymous.Idle, &c.IdleTimeout, time.Second},
		{"Anonymous.Lifetime", &c.Anonymous.Lifetime, &c.Lifetime, time.Second},
		{"SaveTimeout", &c.SaveTimeout, new(defaultSaveTimeout), time.Millisecond},
	} {
		if *d.value == 0 {
			*d.value = *d.fallback
		}
		if *d.value < d.least {
			return fmt.Errorf("session: Config.%s is %v: at least %v, with a unit as in 30*time.Minute",
				d.name, *d.value, d.least)
		}
	}
	if err := c.completeRemembered(); err != nil || !c.Cookie.Persistent {
		return err
	}
	rule := c.timeouts(0)
	switch {
	case !idleSaid && rule.Lifetime > rule.Idle:
		return outlived("IdleTimeout", rule)
	case !anonymousIdleSaid && c.Anonymous.Lifetime > c.Anonymous.Idle:
		return outlived("Anonymous.Idle", c.Anonymous)
	}
	return nil
}

// outlived is the error of a persistent cookie that would outlive an idle timeout which nobody has set.
func outlived(idle string, t Timeouts) error {
	return fmt.Errorf("session: Config.%s is not set, and its default of %v would end a session"+
		" whose persistent cookie lives for %v: set it, to session.NoTimeout for none", idle, t.Idle, t.Lifetime)
}

// completeRemembered keeps who asked to be remembered from a shorter session than anyone else's.
func (c *Config) completeRemembered() error {
	for _, d := range []struct {
		name           string
		value          *time.Duration
		fallback, rule time.Duration
	}{
		{"Idle", &c.Remembered.Idle, defaultRememberedIdle, min(c.IdleTimeout, c.Lifetime)},
		{"Lifetime", &c.Remembered.Lifetime, defaultRememberedLifetime, c.Lifetime},
	} {
		if *d.value == 0 {
			*d.value = max(d.fallback, d.rule)
		}
		if *d.value < d.rule {
			return fmt.Errorf("session: Config.Remembered.%s is %v: less than the %v of every other login",
				d.name, *d.value, d.rule)
		}
	}
	return nil
}
