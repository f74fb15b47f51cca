package session_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// prints is everything that is likely to end in a log.
func prints(v any) string {
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%10.3v"} {
		fmt.Fprintf(&b, verb+"\n", v)
	}
	slog.New(slog.NewTextHandler(&b, nil)).Info("text", "v", v)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("json", "v", v)
	j, _ := json.Marshal(v)
	b.Write(j)
	return b.String()
}

func TestPrintingMetaShowsNoToken(t *testing.T) {
	s := newLab(t)
	g := s.known()
	x, _ := s.load(g)
	m := x.Meta()
	raw, err := base64.RawURLEncoding.DecodeString(m.Token)
	if err != nil {
		t.Fatal(err)
	}
	id := raw[6:22]
	for name, v := range map[string]any{
		"value": m, "pointer": &m, "in a struct": struct{ M session.Meta }{m},
		"in an unexported field": struct{ m session.Meta }{m}, "in a pointer's": &struct{ m *session.Meta }{&m},
		"deep in": []any{map[string]struct{ m []session.Meta }{"m": {[]session.Meta{m}}}}, "in a slice": []session.Meta{m},
		"in a map": map[string]session.Meta{"m": m}, "in an error": fmt.Errorf("request of %v", m),
	} {
		out := prints(v)
		for _, secret := range []string{m.Token, m.Token[20:60], fmt.Sprintf("%x", m.Token), fmt.Sprintf("%X", m.Token),
			fmt.Sprintf("%x", id), fmt.Sprintf("%d", id), base64.RawURLEncoding.EncodeToString(id)} {
			if strings.Contains(out, secret) {
				t.Errorf("%s shows the token: %s", name, out)
			}
		}
		if name == "value" && !strings.Contains(out, m.ID) {
			t.Errorf("it does not show the ID that is meant for logs: %s", out)
		}
	}
	for key := range s.store.records {
		if strings.Contains(prints(m), key) {
			t.Error("it shows the store key")
		}
	}
}

// Who adds a field has to say whether it is printed.
func TestPrintingMetaAndConfigShowsAllElse(t *testing.T) {
	s := newLab(t)
	x, _ := s.load(s.known())
	meta, text := x.Meta(), new(bytes.Buffer)
	j, err := json.Marshal(meta)
	must(t, err)
	slog.New(slog.NewTextHandler(text, nil)).Info("", "", meta)
	for _, field := range reflect.VisibleFields(reflect.TypeOf(meta)) {
		if !field.IsExported() || field.Name == "Token" || field.Name == "New" { // which String says alone
			continue
		}
		if name := strings.ToLower(field.Name); !strings.Contains(meta.String(), field.Name+": ") ||
			!strings.Contains(string(j), `"`+name+`":`) || !strings.Contains(text.String(), " "+name+"=") {
			t.Errorf("%s is not in each of %s, %s, %s", field.Name, meta, j, text)
		}
	}
	for _, field := range reflect.VisibleFields(reflect.TypeOf(session.Config{})) {
		shown := strings.Contains(session.Config{}.String(), field.Name+": ")
		if says := field.Type.Kind() != reflect.Func && field.Name != "Logger" && field.Name != "Observer"; shown != says {
			t.Errorf("%s is shown: %v", field.Name, shown)
		}
	}
}

func TestMetaOfASession(t *testing.T) {
	s := newLab(t)
	g := new(guest)
	x, _ := s.load(g)
	if m := x.Meta(); !m.New || m.ID != "" || m.Token != "" || m.Size != 0 || !m.Created.IsZero() || !m.Expires.IsZero() {
		t.Errorf("of a new session: %v", m)
	}
	start := s.clock.Now()
	g = s.known()
	s.clock.advance(time.Minute)
	x, _ = s.load(g)
	m := x.Meta()
	if m.New || m.ID == "" || m.Token != g.token() || !m.Created.Equal(start) || !m.Expires.Equal(s.clock.Now().Add(30*time.Minute)) {
		t.Errorf("of a stored one: %v", m)
	}
	for _, r := range s.store.records {
		if m.Size != len(r.value) {
			t.Errorf("Size is %d, the record has %d bytes", m.Size, len(r.value))
		}
	}
	y, _ := s.load(g)
	if y.Meta().ID != m.ID {
		t.Error("two requests of one session have different IDs")
	}
	s.visit(g, func(x *fixture.Session) { x.Renew() })
	y, _ = s.load(g)
	if y.Meta().ID == m.ID {
		t.Error("a renewed session has the old ID")
	}
	s.clock.advance(11*time.Hour + 50*time.Minute)
	if got := m.Created.Add(12 * time.Hour); !x.Meta().Expires.Equal(got) {
		t.Errorf("near the end of its lifetime it expires at %v, want %v", x.Meta().Expires, got)
	}
}

func TestIDsTokensSecretsAndValuesAreInNoLogAndNoError(t *testing.T) {
	const value = "VALUE-9c1185a5"
	secret := []byte("s3cr3t!-9c1185a5-0f2e-4d7b-a6c8-51d93be740")
	s := newLab(t, func(c *session.Config) { c.Secrets = [][]byte{secret} })
	faulty := s.twin(func(c *session.Config) {
		c.Secrets, c.MaxSize, c.SaveTimeout = [][]byte{secret}, 2000, 20*time.Millisecond
	}).sessions
	var said strings.Builder
	var tokens []string
	fill := func(x *fixture.Session) {
		x.SetNotice(value)
		x.SetOTP(value)
		x.PutPrefs(value, value)
		x.SetShip(&fixture.Address{City: value})
		x.AppendCart(fixture.Item{SKU: value})
	}
	// Each fault in each call, with and without Middleware.
	for _, kinds := range [][]string{{get}, {add}, {swap}, {touch}, {remove}, {get, add, swap, touch, remove}} {
		for _, fault := range []error{errTimeout, errDown, session.ErrTooLarge, session.ErrStale, session.ErrNotFound, session.ErrExists} {
			g := new(guest)
			s.store.heal()
			s.visit(g, fill)
			tokens = append(tokens, g.token())
			s.clock.advance(5 * time.Minute)
			for _, change := range []func(*fixture.Session) error{
				func(x *fixture.Session) error { fill(x); return x.Save() },
				func(x *fixture.Session) error { x.SetUserName(value); return x.Save() },
				func(x *fixture.Session) error { x.TakeNotice(); return nil },
				func(x *fixture.Session) error { return x.Destroy() },
				func(x *fixture.Session) error { x.SetNotice(strings.Repeat(value, 1000)); return x.Save() },
				func(x *fixture.Session) error { x.SetCart(make([]fixture.Item, 101)); return x.Save() },
			} {
				s.store.fail(always(fault, kinds...), nil)
				if x, err := faulty.Load(httptest.NewRecorder(), g.request()); err != nil {
					fmt.Fprintln(&said, err)
				} else if err := change(x); err != nil {
					fmt.Fprintln(&said, err)
				}
				h := faulty.Handle(func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) error { return change(x) })
				w := httptest.NewRecorder()
				h.ServeHTTP(w, g.request())
				fmt.Fprintln(&said, w.Body)
				s.store.heal()
			}
		}
	}
	g := s.known()
	tokens = append(tokens, g.token())
	s.store.damage(func(v []byte) []byte { return v[:len(v)-1] })
	s.fields(g)
	if _, err := s.sessions.Open(t.Context(), g.token()+"x"); err != nil {
		fmt.Fprintln(&said, err)
	}
	out := said.String() + s.logs.String()
	if !strings.Contains(out, "WARN") || !strings.Contains(out, "too large") {
		t.Fatal("the faults were not heard of")
	}
	for _, secret := range append(tokens, value, string(secret), string(secret[:16]), fmt.Sprintf("%x", secret)) {
		if i := strings.Index(out, secret); i >= 0 {
			t.Fatalf("%q is in %q", secret, out[max(0, i-200):i+len(secret)])
		}
	}
}

// Whatever the verb, and wherever in a value the session stands, no byte of a secret field is shown and nothing of
// what the session is made of. fmt asks no method of what lies in an unexported field, nor for %w and other verbs
// that are no good: there it shows an address.
func TestNoVerbShowsASecretField(t *testing.T) {
	const canary = "CANARY-77e1d0c5"
	s := newLab(t)
	g := s.known()
	x, _ := s.load(g)
	x.SetOTP(canary)
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	x, _ = s.load(g) // with one in the record, and one that is still to be written
	x.SetOTP(canary)
	type pointer struct{ s *fixture.Session }
	values := map[string]any{
		"itself": x, "field": struct{ S *fixture.Session }{x}, "slice": []*fixture.Session{x}, "map": map[string]*fixture.Session{"s": x},
		"key": map[*fixture.Session]int{x: 1}, "interface": []any{x}, "pointer": &struct{ S *fixture.Session }{x},
		"unexported": pointer{x}, "error": fmt.Errorf("request of %v", x), "method value": any(fmt.Stringer(x)),
		"copy": valueOf(x), "copy among others": []any{valueOf(x), &pointer{x}}, "unexported copy": within(x),
	}
	var forms []string
	for _, flags := range []string{"", "+", "#", "-", " ", "0", "+#", "20", ".3", "20.3"} {
		for verb := rune(' '); verb < 0x7f; verb++ {
			if !strings.ContainsRune("%+-# 0123456789.*[]", verb) {
				forms = append(forms, "%"+flags+string(verb))
			}
		}
	}
	bytesOf := strings.Trim(fmt.Sprintf("%d", []byte(canary)), "[]")
	for name, v := range values {
		for _, form := range forms {
			out := fmt.Sprintf(form, v)
			for _, shown := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), bytesOf, strings.ReplaceAll(bytesOf, " ", ", "), "0x43, 0x41"} {
				if strings.Contains(out, shown) {
					t.Fatalf("%s in %s is shown by %s: %s", shown, name, form, out)
				}
			}
			if strings.Contains(out, "slots") || strings.Contains(out, "record.") {
				t.Fatalf("%s by %s shows what it is made of: %s", name, form, out)
			}
		}
	}
	if got := fmt.Sprintf("%d", x); got != x.String() || !strings.Contains(got, "OTP: [redacted]") {
		t.Errorf("%%d shows %s", got)
	}
}

// valueOf is what p points to, which vet would not let be copied.
func valueOf[T any](p *T) any { return *p }

func within[T any](p *T) any { return struct{ v T }{*p} }

func TestPrintingASessionShowsFieldsButNoSecretOnes(t *testing.T) {
	s := newLab(t)
	g := s.known()
	x, _ := s.load(g)
	x.SetOTP("123456")
	x.SetNotice("hi there")
	text := new(bytes.Buffer)
	slog.New(slog.NewTextHandler(text, nil)).Info("text", "s", x)
	slog.New(slog.NewJSONHandler(text, nil)).Info("json", "s", x)
	fmt.Fprintf(text, "%v\n%s\n%#v\n%+v\n%q", x, x, x, x, x)
	out := text.String()
	if strings.Contains(out, "123456") || strings.Contains(out, g.token()) {
		t.Errorf("it shows a secret: %s", out)
	}
	if got, want := x.String(), `Session{Visits: 1, Notice: "hi there", OTP: [redacted]}`; got != want {
		t.Errorf("String is %s, want %s", got, want)
	}
	if n := strings.Count(out, "hi there"); n != 7 {
		t.Errorf("the notice is shown %d times of 7: %s", n, out)
	}
}
