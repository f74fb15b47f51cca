package session_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// printVerbs are all that package fmt knows, with flags that lead to other ways of printing.
var printVerbs = []string{
	"%v", "%+v", "%#v", "%s", "%q", "%#q", "%x", "%X", "% x", "%#x", "%d", "%+d", "%o", "%O", "%b", "%c", "%U", "%#U", "%t",
	"%e", "%g", "%f", "%p", "%T", "%w", "%z", "%10.3v", "%-40s",
}

// everyText is what becomes of a value in all ways in which people print one.
func everyText(v any, but ...string) string {
	var b strings.Builder
	for _, verb := range printVerbs {
		if slices.Contains(but, verb) {
			continue
		}
		fmt.Fprintf(&b, verb+"\n", v)
	}
	fmt.Fprintln(&b, fmt.Errorf("wrapped: %v", v), fmt.Sprint(v))
	slog.New(slog.NewTextHandler(&b, nil)).Info("text", "v", v)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("json", "v", v)
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, xml.Marshal} {
		if text, err := marshal(v); err == nil {
			b.Write(text)
		}
	}
	return b.String()
}

// forms are the texts in which bytes are recognised.
func forms(secret []byte) []string {
	spaced := func(format string) string {
		var parts []string
		for _, c := range secret {
			parts = append(parts, fmt.Sprintf(format, c))
		}
		return strings.Join(parts, " ")
	}
	return []string{
		string(secret), hex.EncodeToString(secret), strings.ToUpper(hex.EncodeToString(secret)), base64.StdEncoding.EncodeToString(secret),
		base64.RawURLEncoding.EncodeToString(secret), spaced("%d"), spaced("%x"), spaced("%o"), spaced("%b"), spaced("%U"), spaced("%c"),
		strings.ReplaceAll(spaced("0x%x,"), ",", ", ")[:12],
	}
}

type holders[T any] struct {
	exported   struct{ V T }
	unexported struct{ v T }
	deep       struct{ list []map[string]struct{ v T } }
}

func TestNoTextShowsACanary(t *testing.T) {
	secret := []byte("CANARY-secret-5f0b92c7-8d31-4e6a")
	s := newLab(t, func(c *session.Config) { c.Secrets = [][]byte{secret} })
	g := s.known()
	x, _ := s.load(g)
	m := x.Meta()
	cfg := s.config(func(c *session.Config) { c.Secrets = [][]byte{secret} })
	canaries := slices.Concat(forms(secret), forms([]byte(m.Token)))
	if raw, err := base64.RawURLEncoding.DecodeString(m.Token); err != nil {
		t.Fatal(err)
	} else {
		canaries = append(canaries, forms(raw[6:22])...) // the id
	}

	var but []string
	check := func(name string, v any) {
		out := everyText(v, but...)
		for _, canary := range canaries {
			if i := strings.Index(out, canary); i >= 0 {
				t.Errorf("%s is shown as %q in %s", name, canary, out[max(i-80, 0):min(i+80, len(out))])
				return
			}
		}
	}
	check("a Meta", m)
	check("a Meta's pointer", &m)
	eachHolder("a Meta", m, check)
	eachHolder("a Meta's pointer", &m, check)
	check("a Manager", s.sessions)
	check("a Manager's value", *s.sessions)
	eachHolder("a Manager", s.sessions, check)
	eachHolder("a Manager's value", *s.sessions, check)

	// What Go makes impossible is what Config's comment says. If this fails the exception is gone: take it out of there.
	but = []string{"%p", "%w"}
	check("a Config", cfg)
	check("a Config's pointer", &cfg)
	check("a Config in an exported field", struct{ C session.Config }{cfg})
	check("a Config in a list", []any{cfg, []session.Config{cfg}, map[string]session.Config{"c": cfg}, map[string]*session.Config{"c": &cfg}})

	for name, out := range map[string]string{
		"in an unexported field": everyText(struct{ c session.Config }{cfg}, but...),
		"by %p":                  fmt.Sprintf(but[0], cfg),
		"by %w":                  fmt.Sprintf(but[1], cfg),
	} {
		if !strings.Contains(out, canaries[5]) {
			t.Errorf("a Config %s is not shown: %s", name, out)
		}
	}
}

func eachHolder[T any](name string, v T, check func(string, any)) {
	var h holders[T]
	h.exported.V, h.unexported.v = v, v
	h.deep.list = []map[string]struct{ v T }{{"k": {v}}}
	check(name+" in an exported field", h.exported)
	check(name+" in an unexported field", h.unexported)
	check(name+" in a pointer's unexported field", &h.unexported)
	check(name+" deep within", h.deep)
	check(name+" among others", []any{v, []T{v}, map[string]T{"k": v}, &v})
	check(name+" in all of them", h)
}

func TestWhatIsPrintedStillSaysWhatItIs(t *testing.T) {
	s := newLab(t)
	if got, want := fmt.Sprint(s.sessions), "session.Manager{Session: Session, Cookie: __Host-session}"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	cfg := s.config(func(c *session.Config) { c.KeyPrefix = "shop:" })
	if got := fmt.Sprintf("%+v", cfg); !strings.Contains(got, "Secrets: 1 [redacted]") || !strings.Contains(got, "KeyPrefix: shop:") {
		t.Error(got)
	}
	var zero session.Manager[fixture.Session]
	if got := fmt.Sprint(zero); got != "session.Manager{}" {
		t.Error(got)
	}
}
