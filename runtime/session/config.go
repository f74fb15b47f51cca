package session

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/sessiongen/sessiongen/runtime/token"
)

// Config is how a site wants its sessions. Only Secrets has no default.
//
// No verb of package fmt that prints a value, no slog handler and no encoder of text shows the Secrets of a Config. But
// fmt asks no method for %p and %w, which vet refuses here, nor for what lies in an unexported field of another struct:
// keep a Config in none that is printed.
type Config struct {
	// Secrets sign cookies and seal records: each at least 32 random bytes, as `go tool sessiongen secret` prints them and
	// Secret decodes them. What has no entropy (few different bytes, one pattern over and over, words) is refused, and so
	// is one secret twice. The first signs and seals, all verify and open. To rotate without a logout, append the new
	// secret on all servers, then move it to the front, then drop the old one after a Lifetime: the longest of
	// this Lifetime, Anonymous's and, if any login says Remember(true), Remembered's.
	Secrets [][]byte

	// IdleTimeout is how long a session lives after its last request. It slides by touching the record, at most once per
	// tenth of it, so that a session lives 90 to 100 % of it. Default 30 minutes; NoTimeout for none. Less than a second
	// is an error: somebody left out the unit.
	IdleTimeout time.Duration

	// Lifetime is how long a session lives from its creation or its login, used or not (OWASP: absolute timeout).
	// Default 12 hours. Less than a second is an error.
	Lifetime time.Duration

	// Anonymous are the times of sessions in which no field with the renew option has a value, of bots and passers-by:
	// short ones keep the store small. A zero field means the rule's, which are IdleTimeout and Lifetime.
	Anonymous Timeouts

	// Remembered are the times of sessions whose login said Remember(true). Their cookie is persistent. A zero field means
	// 14 days for Idle and 30 for Lifetime, or the rule's where that is longer; less than the rule's is an error.
	//
	// Which of the three holds is decided when a session is created and at each renewal of its id, and not in between.
	Remembered Timeouts

	// Bearer serves clients that keep no cookies, beside browsers: apps, command lines, pages of another origin. A
	// request with exactly one Authorization header of the scheme Bearer (RFC 6750), in any case, is a bearer request:
	// its token is read from there and nowhere else, and no cookie is read or set. Where a cookie would be set, the
	// header Session-Token has the new token, and an empty one where it would be expired, with Cache-Control: no-store.
	// Any other request goes by its cookies. The login of an app saves and answers with Meta().Token. See
	// doc/handlers.md.
	Bearer bool

	// Passive says of a request that it is no use of its session: a poll, a heartbeat of a page that is left open. Its
	// session is read and may be changed, but reading does not slide its expiry, so that a visitor who has gone is logged
	// out though his browser asks on. A passive request that saves is a use. It is asked while the session is loaded, and
	// goes by the request alone: to ask for the session there waits for ever. Default none is.
	Passive func(*http.Request) bool

	// SaveTimeout bounds one Save: its I/O, its waits and its retries after conflicts. Destroy and Take keep to it too.
	// The request's own context, cancelled or not, does not: a visitor who leaves loses nothing. Only a renewal, whose new
	// cookie would reach nobody, is not done then (ErrLateSave). Default 1 second.
	SaveTimeout time.Duration

	// MaxSize is the most bytes of a stored record. Default 1 MiB less 1 KiB, what memcached takes by default.
	MaxSize int

	// Cookie describes the cookie.
	Cookie Cookie

	// KeyPrefix stands before every store key, to tell what belongs to whom in a shared store. It must be legal in a
	// memcached key. Managers with different cookie names do not need it to be apart. Default none.
	KeyPrefix string

	// Logger receives what no caller can be told: stored values that do not fit, records that do not open, a Take or touch
	// that failed, changes that came too late. Ids, tokens, secrets and values are in none of it. Default slog.Default().
	Logger *slog.Logger

	// Observer is told what happens to sessions: for metrics, traces, an audit log. See Event. Default none, which costs
	// nothing.
	Observer Observer

	// Now is the clock. Default time.Now. It must not ask for a session, nor use one: it is called within their calls.
	Now func() time.Time

	// OnError answers a request whose session could not be loaded or saved, inside Middleware, Handle and Require; the
	// handler's own response has not begun. Default: log the error with method, route (the pattern, not the path) and
	// status, and answer 503 for ErrUnavailable, ErrUnknown and ErrConflict, 500 for all else.
	OnError func(http.ResponseWriter, *http.Request, error)
}

const (
	defaultMaxSize = 1<<20 - 1<<10

	maxKey = 250 // bytes of a memcached key
)

// withDefaults returns the Config that is meant, or says which field of it cannot be.
func (c Config) withDefaults(wrapper string) (Config, error) {
	if err := c.completeTimes(); err != nil {
		return c, err
	}
	if c.MaxSize < 0 {
		return c, fmt.Errorf("session: Config.MaxSize is negative: %d", c.MaxSize)
	}
	if c.MaxSize == 0 {
		c.MaxSize = defaultMaxSize
	}
	if err := checkKeyPrefix(c.KeyPrefix); err != nil {
		return c, fmt.Errorf("session: Config.KeyPrefix: %w", err)
	}
	if err := c.Cookie.complete(wrapper); err != nil {
		return c, err
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.OnError == nil {
		c.OnError = answerError(c.Logger)
	}
	return c, nil
}

func checkKeyPrefix(prefix string) error {
	if n := len(prefix) + token.StoreKeySize; n > maxKey {
		return fmt.Errorf("store keys would have %d bytes, memcached takes %d", n, maxKey)
	}
	for _, r := range prefix {
		if r <= ' ' || r >= 0x7f {
			return fmt.Errorf("%q is not legal in a memcached key: use printable ASCII without spaces", prefix)
		}
	}
	return nil
}
