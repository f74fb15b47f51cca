// Package address reads the addresses of servers, as the stores' users write them.
package address

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
)

// An Address is where one server is.
type Address struct {
	Network string // "tcp" or "unix"
	Host    string // a name or an IP address; of a unix socket its path
	Port    string // a number; of a unix socket empty
}

// Parse reads "host:port", or the path of a unix socket: a text that begins with / or ./, or with @ on Linux, where no
// file stands for it; what no socket can have for a path is an error. The port may be the name of a service. An error
// says what is wrong and quotes nothing: see Quote.
func Parse(ctx context.Context, text string) (Address, error) {
	if strings.HasPrefix(text, "//") { // a URL without its scheme, with a password perhaps
		return Address{}, errors.New("neither host:port nor a path")
	}
	if IsPath(text) {
		if err := checkPath(text); err != nil {
			return Address{}, err
		}
		return Address{Network: "unix", Host: text}, nil
	}
	if strings.Contains(text, "://") {
		return Address{}, errors.New("a URL, not host:port")
	}
	host, service, err := net.SplitHostPort(text)
	if err != nil || host == "" || service == "" || strings.ContainsFunc(host, isNoneOfAHost) {
		return Address{}, errors.New("not host:port")
	}
	number, err := net.DefaultResolver.LookupPort(ctx, "tcp", service)
	if err != nil || number == 0 {
		return Address{}, errors.New("not host:port: no such port")
	}
	return Address{Network: "tcp", Host: host, Port: strconv.Itoa(number)}, nil
}

// isNoneOfAHost says that neither a name nor an IP address, with its zone, has the character.
func isNoneOfAHost(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune(`@/\?#[]"<>`, r)
}

// IsPath says whether an address is the path of a unix socket.
func IsPath(text string) bool {
	return strings.HasPrefix(text, "/") || strings.HasPrefix(text, "./") || strings.HasPrefix(text, "@")
}

// checkPath refuses what no socket can be bound to, so that it would be an outage that never ends.
func checkPath(path string) error {
	switch name := path[strings.LastIndexByte(path, '/')+1:]; {
	case path == "@":
		return errors.New("no name of a socket: nothing follows the @")
	case path[0] != '@' && (name == "" || name == "." || name == ".."):
		return errors.New("a directory's path, not a socket's")
	case strings.IndexByte(path, 0) >= 0:
		return errors.New("no path of a socket: there is a NUL in it")
	case len(path) > maxPath(runtime.GOOS, path[0] == '@'):
		return fmt.Errorf("too long for a socket's: more than %d bytes", maxPath(runtime.GOOS, path[0] == '@'))
	}
	return nil
}

// maxPath is the most bytes of a socket's path: those of sun_path (unix(7), unix(4)), less the NUL that ends it, but
// not where a NUL stands in the place of the @ on Linux.
func maxPath(system string, abstract bool) int {
	switch system {
	case "darwin", "ios", "dragonfly", "freebsd", "netbsd", "openbsd":
		return 103
	}
	if abstract {
		return 108
	}
	return 107
}

// IsLiteral says whether there is nothing to look up: a path or an IP address.
func (a Address) IsLiteral() bool {
	_, err := netip.ParseAddr(a.Host)
	return a.Network == "unix" || err == nil
}

// Quote is an address for an error text: in quotes, or without what comes before its last @, where a password may be.
func Quote(text string) string {
	if i := strings.LastIndexByte(text, '@'); i > 0 {
		return fmt.Sprintf("%q", "…"+text[i:])
	}
	return fmt.Sprintf("%q", text)
}
