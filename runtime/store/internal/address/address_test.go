package address

import (
	"errors"
	"net"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

func TestAnAddressIsHostAndPortOrAPath(t *testing.T) {
	for text, want := range map[string]Address{
		"127.0.0.1:11211":       {"tcp", "127.0.0.1", "11211"},
		"[::1]:6379":            {"tcp", "::1", "6379"},
		"[fe80::1%eth0]:6379":   {"tcp", "fe80::1%eth0", "6379"},
		"cache:http":            {"tcp", "cache", "80"},
		"cache_1.example:65535": {"tcp", "cache_1.example", "65535"},
		"/run/memcached.sock":   {"unix", "/run/memcached.sock", ""},
		"./memcached.sock":      {"unix", "./memcached.sock", ""},
		"@memcached":            {"unix", "@memcached", ""},
		"/run/.sock":            {"unix", "/run/.sock", ""},
		"./run/..sock":          {"unix", "./run/..sock", ""},
		"@a/":                   {"unix", "@a/", ""},
	} {
		got, err := Parse(t.Context(), text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", text, got, err, want)
		}
	}
}

func TestWhatIsNoAddressIsAnErrorThatQuotesNothing(t *testing.T) {
	for _, text := range []string{
		"", "secret", "secret:", ":secret", ":11211", "secret:0", "secret:65536", "secret:70000", "secret:-1", "secret:no-such-service",
		"::1:11211", "a secret:11211", "secret\t:11211", "user:secret@host:11211", "secret@host:11211", "memcached://secret:11211",
		"redis://user:secret@host:6379", "//:secret@host:6379", "secret/socket", "secret/socket:1", "..secret/socket", "[secret]x:1",
		"/secret\x00x", "@secret\x00x", "/secret/" + strings.Repeat("a", 200), "@secret" + strings.Repeat("a", 200),
		"@", "/", "./", "/secret/", "./secret/", "/secret/.", "/secret/..", "./.", "./..",
	} {
		got, err := Parse(t.Context(), text)
		if err == nil || got != (Address{}) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func TestAPathIsAsLongAsThisSystemsSocketsHaveRoomFor(t *testing.T) {
	for _, first := range []string{"/", "@"} {
		longest := maxPath(runtime.GOOS, first == "@")
		for size, want := range map[int]bool{longest: true, longest + 1: false} {
			path := first + strings.Repeat("a", size-1)
			if _, err := Parse(t.Context(), path); (err == nil) != want {
				t.Errorf("%d bytes that begin with %s: %v", size, first, err)
			}
			// The system knows: it refuses to look for what is too long, and finds nothing where it has looked.
			_, err := (&net.Dialer{}).DialContext(t.Context(), "unix", path)
			if refused := errors.Is(err, syscall.EINVAL); err == nil || refused == want {
				t.Errorf("%d bytes that begin with %s, to the system: %v", size, first, err)
			}
		}
	}
	if maxPath("linux", false) != 107 || maxPath("darwin", false) != 103 {
		t.Error("a path of another system has another length")
	}
}

func TestAQuotedAddressShowsNoPassword(t *testing.T) {
	for text, want := range map[string]string{
		"host:1":                      `"host:1"`,
		"@socket":                     `"@socket"`,
		"secret@host:1":               `"…@host:1"`,
		"redis://user:s@cret@host:1":  `"…@host:1"`,
		"memcached://host:1":          `"memcached://host:1"`,
		"memcached://secret@host:1/2": `"…@host:1/2"`,
	} {
		if got := Quote(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
