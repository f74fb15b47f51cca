// Package sessiontest is for tests of handlers that use sessions: Request gives a request a session, Read returns the
// session that a response leaves behind. Both take the manager that the handlers use, on any store, and work with
// httptest.ResponseRecorder and with a real server alike. Inside is for a handler that is tested without the Middleware
// around it.
//
// It has no fake sessions: what a handler sees was saved and is loaded as in production. So give the manager of a test a
// generous Config.SaveTimeout, a minute say: the default of a second is for people who wait, and a busy machine may stand
// still for as long.
package sessiontest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// saver is what every generated session can do.
type saver interface{ Save() error }

// Request returns a clone of r that carries a session with the fields that fields sets, as a visitor would who comes
// back. If r carries a session already, that one is changed. If fields sets nothing, or is nil, the visitor stays
// without a session. A request of an app (Config.Bearer) has an Authorization header, "Bearer" alone where it has no
// token yet.
//
//	r = sessiontest.Request(t, sessions, r, func(s *web.Session) { s.SetUserName("Ann") })
//
// A session that cannot be saved ends the test.
func Request[S any](t testing.TB, sessions *session.Manager[S], r *http.Request, fields func(*S)) *http.Request {
	t.Helper()
	unbind(r, sessions)
	jar := jarOf(r.Header)
	w := httptest.NewRecorder()
	s := load(t, sessions, w, jar)
	if fields != nil {
		fields(s)
	}
	x, ok := any(s).(saver)
	if !ok {
		t.Fatalf("sessiontest.Request: %T is not a generated session: it has no Save", s)
	}
	if err := x.Save(); err != nil {
		t.Fatalf("sessiontest.Request: saving the session: %v", err)
	}
	jar = jar.after(w.Result())
	r = r.Clone(r.Context())
	jar.write(r.Header)
	last.remember(t, sessions, jar)
	return r
}

// Read returns the session that a visitor has after a response: what it contains, and in Meta whether there is one at
// all. After a logout it is new and empty.
//
//	handler.ServeHTTP(w, r)
//	s := sessiontest.Read(t, sessions, w.Result())
//
// Most responses set no cookie, because the visitor has it already, and send an app no token. Read then takes the one
// of resp.Request, which real clients fill in, or of the last Request of this test and manager. So call Request,
// serve, Read; two visitors of one test take turns, or subtests.
//
// A store that cannot be read ends the test.
func Read[S any](t testing.TB, sessions *session.Manager[S], resp *http.Response) *S {
	t.Helper()
	var before jar
	if resp.Request != nil {
		before = jarOf(resp.Request.Header)
	} else {
		before = last.recall(t, sessions)
	}
	return load(t, sessions, httptest.NewRecorder(), before.after(resp))
}

func load[S any](t testing.TB, sessions *session.Manager[S], w http.ResponseWriter, j jar) *S {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "https://example.com/", nil) // to which browsers send secure cookies
	j.write(r.Header)
	s, err := sessions.Load(w, r)
	if err != nil {
		t.Fatalf("sessiontest: loading the %T: %v", s, err)
	}
	return s
}

// A jar is what one visitor sends: the cookies, in the order of the header, and an app's token. Which of them is the
// session's, only the manager knows.
type jar struct {
	cookies       []*http.Cookie
	authorization []string
}

func jarOf(h http.Header) jar {
	return jar{cookies: (&http.Request{Header: h}).Cookies(), authorization: h["Authorization"]}
}

// after returns the jar as a browser, or an app, has it after a response.
func (j jar) after(resp *http.Response) jar {
	next := jar{authorization: j.authorization}
	if tokens := resp.Header["Session-Token"]; len(tokens) > 0 {
		next.authorization = []string{"Bearer " + tokens[0]}
	}
	set := resp.Cookies()
	for _, c := range j.cookies {
		if !contains(set, c.Name) {
			next.cookies = append(next.cookies, c)
		}
	}
	for _, c := range set {
		if c.MaxAge >= 0 && c.Value != "" {
			next.cookies = append(next.cookies, c)
		}
	}
	return next
}

func contains(cookies []*http.Cookie, name string) bool {
	for _, c := range cookies {
		if c.Name == name {
			return true
		}
	}
	return false
}

func (j jar) write(h http.Header) {
	h.Del("Cookie")
	for _, c := range j.cookies {
		(&http.Request{Header: h}).AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	if j.authorization != nil {
		h["Authorization"] = j.authorization
	}
}

// last holds the jar of the last Request of each test that runs, until it ends. It is the only link between a Request
// and the Read of a recorded response, which knows no request.
var last = memory{jars: make(map[visitor]jar)}

type memory struct {
	mu   sync.Mutex
	jars map[visitor]jar
}

// A visitor is whom a test plays, of one manager.
type visitor struct {
	test     string
	sessions any
}

func (m *memory) remember(t testing.TB, sessions any, j jar) {
	v := visitor{t.Name(), sessions}
	m.mu.Lock()
	_, known := m.jars[v]
	m.jars[v] = j
	m.mu.Unlock()
	if !known {
		t.Cleanup(func() {
			m.mu.Lock()
			delete(m.jars, v)
			m.mu.Unlock()
		})
	}
}

// recall returns what the test remembers, or the test that it is a part of.
func (m *memory) recall(t testing.TB, sessions any) jar {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name := t.Name(); ; {
		if j, ok := m.jars[visitor{name, sessions}]; ok {
			return j
		}
		i := strings.LastIndexByte(name, '/')
		if i < 0 {
			return jar{}
		}
		name = name[:i]
	}
}
