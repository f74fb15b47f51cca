package session

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/sessiongen/sessiongen/runtime/token"
)

// Config is how a site wants its sessions. Only Secrets has no default.
type Config struct {
	// Secrets sign cookies and seal records: each at least 32 random bytes. The first signs and seals, all verify and
	// open. To rotate without a logout, append the new secret on all servers, then move it to the front, then drop the old
	// one after a Lifetime.
	Secrets [][]byte

	// IdleTimeout is how long a session lives after its last request. It slides by touching the record, at most once per
	// tenth of it, so that a session lives 90 to 100 % of it. Default 30 minutes.
	IdleTimeout time.Duration

	// Lifetime is how long a session lives from its creation or its login, used or not (OWASP: absolute timeout).
	// Default 12 hours.
	Lifetime time.Duration

	// SaveTimeout bounds one Save: its I/O, its waits and its retries after conflicts. Destroy and Take keep to it too.
	// The request's own context, cancelled or not, does not: a visitor who leaves loses nothing. Default 1 second.
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

	// Now is the clock. Default time.Now.
	Now func() time.Time

	// OnError answers a request whose session could not be loaded or saved, inside Middleware, Handle and Require; the
	// handler's own response has not begun. Default: log the error, and answer 503 for ErrUnavailable, ErrUnknown and
	// ErrConflict, 500 for all else.
	OnError func(http.ResponseWriter, *http.Request, error)
}

// Cookie is what Config says of the session's cookie. It is always HttpOnly.
type Cookie struct {
	// Name; empty means the wrapper's name in kebab-case under the strongest prefix (RFC 6265bis, 4.1.3) that the other
	// settings allow: Session becomes __Host-session, with a Domain or another Path __Secure-session, with Insecure
	// session.
	Name string

	Path       string        // default "/"
	Domain     string        // default none: this host alone
	SameSite   http.SameSite // default Lax
	Persistent bool          // send Max-Age, the rest of Lifetime; without it the browser drops the cookie when it closes
	// Partitioned keeps a cookie of an embedded site apart for each embedding site (CHIPS).
	Partitioned bool
	// Insecure sends the cookie over plain http too. For development only.
	Insecure bool
}

const (
	defaultIdleTimeout = 30 * time.Minute
	defaultLifetime    = 12 * time.Hour
	defaultSaveTimeout = time.Second
	defaultMaxSize     = 1<<20 - 1<<10

	maxKey    = 250 // bytes of a memcached key
	maxCookie = 127 // bytes of name=value
)

// withDefaults returns the Config that is meant, or says which field of it cannot be.
func (c Config) withDefaults(wrapper string) (Config, error) {
	for _, d := range []struct {
		name     string
		value    *time.Duration
		fallback time.Duration
	}{
		{"IdleTimeout", &c.IdleTimeout, defaultIdleTimeout},
		{"Lifetime", &c.Lifetime, defaultLifetime},
		{"SaveTimeout", &c.SaveTimeout, defaultSaveTimeout},
	} {
		if *d.value < 0 {
			return c, fmt.Errorf("session: Config.%s is negative: %v", d.name, *d.value)
		}
		if *d.value == 0 {
			*d.value = d.fallback
		}
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

// complete fills in defaults and refuses what a browser would silently drop.
func (c *Cookie) complete(wrapper string) error {
	if c.Path == "" {
		c.Path = "/"
	}
	if c.Path[0] != '/' {
		return wrongCookie("Path", "%q does not begin with a slash", c.Path)
	}
	switch c.SameSite {
	case 0, http.SameSiteDefaultMode:
		c.SameSite = http.SameSiteLaxMode
	case http.SameSiteLaxMode, http.SameSiteStrictMode:
	case http.SameSiteNoneMode:
		if c.Insecure {
			return wrongCookie("SameSite", "None is what browsers take from secure cookies only: not with Insecure")
		}
	default:
		return wrongCookie("SameSite", "has no mode %d", c.SameSite)
	}
	if c.Partitioned && c.Insecure {
		return wrongCookie("Partitioned", "is what browsers take from secure cookies only: not with Insecure")
	}
	hostOnly := c.Domain == "" && c.Path == "/"
	if c.Name == "" {
		switch {
		case c.Insecure:
		case hostOnly:
			c.Name = "__Host-"
		default:
			c.Name = "__Secure-"
		}
		c.Name += strings.Trim(kebab(wrapper), "-")
	}
	lower := strings.ToLower(c.Name) // browsers compare prefixes without regard to case
	for _, prefix := range []string{"__host-", "__secure-", "__http-"} {
		if !strings.HasPrefix(lower, prefix) {
			continue
		}
		if c.Insecure {
			return wrongCookie("Name", "%q has a prefix that asks for a secure cookie: not with Insecure", c.Name)
		}
		if prefix == "__host-" && !hostOnly {
			return wrongCookie("Name", "%q has a prefix that asks for no Domain and the Path \"/\"", c.Name)
		}
	}
	if n := len(c.Name) + 1 + token.Size; n > maxCookie {
		return wrongCookie("Name", "%q is too long: at most %d bytes", c.Name, maxCookie-1-token.Size)
	}
	if err := (&http.Cookie{Name: c.Name, Path: c.Path, Domain: c.Domain}).Valid(); err != nil {
		return fmt.Errorf("session: Config.Cookie.Name, Path or Domain: %w", err)
	}
	return nil
}

func wrongCookie(field, format string, args ...any) error {
	return fmt.Errorf("session: Config.Cookie.%s: %s", field, fmt.Sprintf(format, args...))
}

// kebab turns AdminSession into admin-session and HTTPSession into http-session. Letters that no cookie's name can have are
// left out.
func kebab(name string) string {
	var b strings.Builder
	rs := []rune(name)
	for i, r := range rs {
		if r > unicode.MaxASCII {
			continue
		}
		if unicode.IsUpper(r) && i > 0 && (!unicode.IsUpper(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])) && rs[i-1] != '_' {
			b.WriteByte('-')
		}
		if r == '_' {
			r = '-'
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// answerError is the default of Config.OnError.
func answerError(log *slog.Logger) func(http.ResponseWriter, *http.Request, error) {
	return func(w http.ResponseWriter, r *http.Request, err error) {
		log.ErrorContext(r.Context(), "session request failed", "error", err)
		if errors.Is(err, ErrUnavailable) || errors.Is(err, ErrUnknown) || errors.Is(err, ErrConflict) {
			http.Error(w, "The service is busy. Please try again in a moment.", http.StatusServiceUnavailable)
			return
		}
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
	}
}
