// Package exercise puts a generated session through everything that its methods promise, whatever its fields are: it
// finds the methods by reflection. It holds for any schema whose values survive their own encoding.
package exercise

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/inspect"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// A Constructor is a generated NewXs.
type Constructor[S any] func(session.Store, session.Config) (*session.Manager[S], error)

// Session exercises one session type.
func Session[S any](t *testing.T, open Constructor[S]) {
	t.Helper()
	site := NewSite(t, open)
	fields := fieldsOf[S]()
	if len(fields) == 0 {
		t.Fatal("no setters")
	}
	values := map[string]reflect.Value{}

	t.Run("a new session has no values", func(t *testing.T) { wantAbsent(t, reflect.ValueOf(site.Load(t)), fields) })

	t.Run("what is set is there, at once and after a Save", func(t *testing.T) {
		s := reflect.ValueOf(site.Load(t))
		for _, f := range fields {
			values[f] = random(s.MethodByName("Set" + f).Type().In(0))
			call(s, "Set"+f, values[f])
		}
		wantValues(t, s, fields, values)
		site.Save(t)
		s = reflect.ValueOf(site.Load(t))
		wantValues(t, s, fields, values)
		wantOneLine(t, s)
	})

	t.Run("what a getter returns is a copy", func(t *testing.T) {
		s := reflect.ValueOf(site.Load(t))
		for _, f := range fields {
			if !isFlash(s, f) {
				scramble(get(s, f))
			}
		}
		wantValues(t, s, fields, values)
	})

	t.Run("package inspect shows each field and its type", func(t *testing.T) {
		page := site.inspect(t)
		if n := strings.Count(page, `data-label="Value"`); n != len(fields) {
			t.Errorf("%d fields, want %d", n, len(fields))
		}
		for _, wrong := range []string{"<i>absent</i>", "does not fit", "unknown to this", "<code></code>"} {
			if strings.Contains(page, wrong) {
				t.Errorf("the page has %s:\n%s", wrong, page)
			}
		}
	})

	for _, f := range fields {
		s := reflect.ValueOf(site.Load(t))
		for prefix, check := range map[string]func(*testing.T, *Site[S], string){
			"Append": appends[S], "Put": puts[S], "Add": adds[S], "Take": takes[S],
		} {
			if s.MethodByName(prefix + f).IsValid() {
				t.Run(prefix+f, func(t *testing.T) { check(t, site, f) })
			}
		}
	}

	t.Run("what is cleared is gone, at once and after a Save", func(t *testing.T) {
		s := reflect.ValueOf(site.Load(t))
		for _, f := range fields {
			call(s, "Clear"+f)
		}
		wantAbsent(t, s, fields)
		site.Save(t)
		wantAbsent(t, reflect.ValueOf(site.Load(t)), fields)
	})
}

// A Site is one manager and one visitor with a browser. Its clock stands still.
type Site[S any] struct {
	Manager *session.Manager[S]
	Time    time.Time

	cookies map[string]*http.Cookie
	last    *S
	resp    *httptest.ResponseRecorder
}

// NewSite opens a manager on a memory store.
func NewSite[S any](t *testing.T, open Constructor[S]) *Site[S] {
	t.Helper()
	site := &Site[S]{Time: time.Now(), cookies: map[string]*http.Cookie{}}
	m, err := open(memory.New(), session.Config{
		Secrets: [][]byte{fixture.Secret("exercise")},
		Now:     func() time.Time { return site.Time },

		SaveTimeout: time.Minute, // a slow machine is no outage
	})
	if err != nil {
		t.Fatal(err)
	}
	site.Manager = m
	return site
}

// Load returns the session of the visitor's next request.
func (site *Site[S]) Load(t *testing.T) *S {
	t.Helper()
	site.resp = httptest.NewRecorder()
	s, err := site.Manager.Load(site.resp, site.request())
	if err != nil {
		t.Fatal(err)
	}
	site.last = s
	return s
}

func (site *Site[S]) request() *http.Request {
	r := httptest.NewRequest(http.MethodGet, "https://example.com/", nil)
	for _, c := range site.cookies {
		r.AddCookie(c)
	}
	return r
}

// inspect returns what package inspect shows of the visitor's session.
func (site *Site[S]) inspect(t *testing.T) string {
	t.Helper()
	w := httptest.NewRecorder()
	inspect.New(site.Manager, inspect.Options{}).ServeHTTP(w, site.request())
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// Save saves the session that was loaded last, and keeps the cookie that it sets.
func (site *Site[S]) Save(t *testing.T) {
	t.Helper()
	save(t, site.last)
	for _, c := range site.resp.Result().Cookies() {
		site.cookies[c.Name] = c
	}
}

func save(t *testing.T, s any) {
	t.Helper()
	if err, _ := call(reflect.ValueOf(s), "Save")[0].Interface().(error); err != nil {
		t.Fatal(err)
	}
}

func fieldsOf[S any]() []string {
	var fields []string
	typ := reflect.TypeFor[*S]()
	for m := range typ.Methods() {
		f, sets := strings.CutPrefix(m.Name, "Set")
		if _, has := typ.MethodByName("Has" + f); sets && has { // there may be a field called Sets
			fields = append(fields, f)
		}
	}
	return fields
}

func call(s reflect.Value, method string, args ...reflect.Value) []reflect.Value {
	return s.MethodByName(method).Call(args)
}

// get returns a field's value by its getter; a flash it takes.
func get(s reflect.Value, f string) reflect.Value {
	if isFlash(s, f) {
		return call(s, "Take"+f)[0]
	}
	return call(s, f)[0]
}

func isFlash(s reflect.Value, f string) bool { return !s.MethodByName(f).IsValid() }

func inSnapshot(s reflect.Value, f string) reflect.Value {
	return call(s, "Snapshot")[0].FieldByName(f)
}

func wantValues(t *testing.T, s reflect.Value, fields []string, want map[string]reflect.Value) {
	t.Helper()
	for _, f := range fields {
		wantValue(t, s, f, want[f])
	}
}

func wantValue(t *testing.T, s reflect.Value, f string, want reflect.Value) {
	t.Helper()
	if !call(s, "Has"+f)[0].Bool() {
		t.Errorf("Has%s() = false", f)
	}
	if isFlash(s, f) {
		if got := inSnapshot(s, f); !got.IsZero() {
			t.Errorf("Snapshot().%s = %#v, though nobody has taken it", f, got)
		}
		return
	}
	if got := get(s, f); !equal(got, want) {
		t.Errorf("%s() = %#v, want %#v", f, got, want)
	}
	if got := inSnapshot(s, f); !equal(got, want) {
		t.Errorf("Snapshot().%s = %#v, want %#v", f, got, want)
	}
}

func wantAbsent(t *testing.T, s reflect.Value, fields []string) {
	t.Helper()
	for _, f := range fields {
		if call(s, "Has"+f)[0].Bool() {
			t.Errorf("Has%s() = true", f)
		}
		if got := get(s, f); !got.IsZero() {
			t.Errorf("%s() = %#v, want its zero value", f, got)
		}
	}
}

func equal(a, b reflect.Value) bool { return reflect.DeepEqual(a.Interface(), b.Interface()) }

// beside lets two requests of one visitor change a session at the same time.
func beside[S any](t *testing.T, site *Site[S], first, second func(reflect.Value)) reflect.Value {
	t.Helper()
	a, b := site.Load(t), site.Load(t)
	first(reflect.ValueOf(a))
	second(reflect.ValueOf(b))
	save(t, a)
	save(t, b)
	for _, c := range site.resp.Result().Cookies() { // of a renewal by b
		site.cookies[c.Name] = c
	}
	return reflect.ValueOf(site.Load(t))
}

func reset[S any](t *testing.T, site *Site[S], f string, values ...reflect.Value) {
	t.Helper()
	s := reflect.ValueOf(site.Load(t))
	if len(values) == 0 {
		call(s, "Clear"+f)
	} else {
		call(s, "Set"+f, values...)
	}
	site.Save(t)
}

func coin() bool { return rand.IntN(2) == 0 }

// wantOneLine checks that no value, at whatever depth, ends the line of a log; strings have line ends of all kinds in them.
func wantOneLine(t *testing.T, s reflect.Value) {
	t.Helper()
	var handled strings.Builder
	slog.New(bare{&handled}).Info("", "session", s.Interface())
	for what, text := range map[string]string{
		"String": call(s, "String")[0].String(), "%d": fmt.Sprintf("%d", s.Interface()), "LogValue": handled.String(),
	} {
		if !strings.HasSuffix(text, "}") && what != "LogValue" || strings.ContainsAny(text, "\n\r\u0085\u2028\u2029\x1b") {
			t.Errorf("%s = %q", what, text)
		}
	}
}

// bare is a handler that escapes nothing.
type bare struct{ w io.Writer }

func (bare) Enabled(context.Context, slog.Level) bool { return true }
func (h bare) WithAttrs([]slog.Attr) slog.Handler     { return h }
func (h bare) WithGroup(string) slog.Handler          { return h }
func (h bare) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		fmt.Fprint(h.w, a.Value.Resolve())
		return true
	})
	return nil
}
