package session

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/sessiongen/sessiongen/internal/kebab"
	"github.com/sessiongen/sessiongen/runtime/token"
)

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

// maxCookie is the most bytes of name=value. A token that names a roster takes 21 more.
const maxCookie = 127

// maxAttribute is the most bytes of an attribute: browsers pass over longer ones (RFC 6265bis, 5.6).
const maxAttribute = 1024

// complete fills in defaults and refuses what a browser would silently drop.
func (c *Cookie) complete(wrapper string) error {
	if c.Path == "" {
		c.Path = "/"
	}
	if err := checkPath(c.Path); err != nil {
		return err
	}
	if err := checkDomain(c.Domain); err != nil {
		return err
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
	if c.Partitioned && c.SameSite != http.SameSiteNoneMode {
		return wrongCookie("Partitioned", "is for cookies of sites within other sites: with SameSite None only")
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
		c.Name += kebab.Of(wrapper)
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
	if len(c.Name)+1+token.Size > maxCookie {
		return wrongCookie("Name", "%q is too long: at most %d bytes", c.Name, maxCookie-1-token.Size)
	}
	if err := (&http.Cookie{Name: c.Name, Path: c.Path, Domain: c.Domain}).Valid(); err != nil {
		return fmt.Errorf("session: Config.Cookie.Name, Path or Domain: %w", err)
	}
	return nil
}

// checkPath refuses a path that no request's path is compared with successfully: browsers compare bytes, and send what
// a URL cannot have percent-encoded.
func checkPath(path string) error {
	const legal = "-._~!$&'()*+,=:@/%" // RFC 3986, 3.3, but for the semicolon, which ends the attribute
	switch {
	case path[0] != '/':
		return wrongCookie("Path", "%q does not begin with a slash", path)
	case len(path) > maxAttribute:
		return wrongCookie("Path", "has more than %d bytes", maxAttribute)
	}
	dots := strings.NewReplacer("%2e", ".", "%2E", ".") // which browsers take for dots (URL Standard, 4.1)
	for segment := range strings.SplitSeq(path, "/") {
		if plain := dots.Replace(segment); plain == "." || plain == ".." {
			return wrongCookie("Path", "%q has a segment %q, which browsers resolve before they compare", path, segment)
		}
	}
	if _, err := url.PathUnescape(path); err != nil {
		return wrongCookie("Path", "%q has a %% that no two hex digits follow", path)
	}
	for i := range len(path) {
		c := path[i]
		if ('a' > c || c > 'z') && ('A' > c || c > 'Z') && ('0' > c || c > '9') && strings.IndexByte(legal, c) < 0 {
			return wrongCookie("Path", "%q has a %q, which no path of a URL has: write it percent-encoded", path, c)
		}
	}
	return nil
}

// checkDomain refuses a domain whose cookies browsers drop. Whether all else is one, http.Cookie.Valid knows.
func checkDomain(domain string) error {
	switch {
	case strings.HasSuffix(domain, "."):
		return wrongCookie("Domain", "%q ends in a dot: browsers drop the cookie", domain)
	case domain != "" && !strings.Contains(strings.TrimPrefix(domain, "."), "."):
		return wrongCookie("Domain", "%q has one label: browsers take it for a public suffix and drop the cookie;"+
			" leave it out for this host alone", domain)
	}
	return nil
}

func wrongCookie(field, format string, args ...any) error {
	return fmt.Errorf("session: Config.Cookie.%s: %s", field, fmt.Sprintf(format, args...))
}
