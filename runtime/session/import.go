package session

import (
	"errors"
	"fmt"
	"net/http"
)

// Import returns a manager that carries over the sessions of another library, so that a site changes to this one
// without a logout. It is m in everything else: both load the same sessions, and what went through the Middleware of
// one is found by Get of the other.
//
// f is called where a request has no session of this manager, and is no bearer request (Config.Bearer). It reads the
// other library's session and sets on s what it finds there. If it has set something, the session is saved at once,
// before anything else sees it; then end runs, which has to end the other session where it is kept and to expire its
// cookie. From then on the visitor has a session here, and f is not called for them. If f has set nothing, there is
// no session, and end does not run.
//
// Of what f and end do to w only the cookies count. They go out with the response also where the handler fails. f may
// be called by many goroutines at once.
//
// An error of f, of the save or of end is one of Load, and the visitor has no session: after an end that has failed
// the new one is ended again, so that there are never two of which a logout would end but one. The next request tries
// anew.
//
// Two requests that arrive at the same time with nothing but the old cookie may both be carried over, each to a
// session of its own; the browser keeps the cookie of the later answer.
//
// A session that lived in its cookie alone cannot be ended on the server. Its cookie is expired, so the browser
// forgets it; but whoever has kept a copy can put it into a request without a session and be carried over again,
// after a logout too, until the other library would have refused it. Where that matters, let f refuse what was issued
// before the change, or change the secret of the old cookies soon.
func (m *Manager[S]) Import(f func(w http.ResponseWriter, r *http.Request, s *S) (end func() error, err error)) *Manager[S] {
	return &Manager[S]{e: m.e, schema: m.schema, importer: f}
}

// carry fills a session that is new with what the importer finds.
func (m *Manager[S]) carry(s *S, c *Core) error {
	if m.importer == nil || c.phase != phaseNew || c.resp.request == nil || c.resp.bearer {
		return nil
	}
	w := cookieWriter{header: http.Header{}}
	end, err := m.importer(w, c.resp.request, s)
	if err != nil {
		return fmt.Errorf("session: cannot read another library's session: %w", err)
	}
	if err := c.locked(c.save); err != nil {
		return fmt.Errorf("session: cannot save what another library's session had: %w", err)
	}
	if c.phase != phaseLive || end == nil {
		return nil
	}
	if err := end(); err != nil {
		return fmt.Errorf("session: cannot end another library's session: %w", errors.Join(err, c.locked(c.destroy)))
	}
	for _, line := range w.header["Set-Cookie"] {
		if cookieName(line) != c.e.cfg.Cookie.Name { // ours displaces it in the browser as it is
			c.resp.putCookie(line)
		}
	}
	return nil
}

// locked calls save or destroy of a session that is being loaded: what happens is told after that.
func (c *Core) locked(f func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return f()
}

// A cookieWriter collects the cookies that the other library sets.
type cookieWriter struct{ header http.Header }

func (w cookieWriter) Header() http.Header { return w.header }

func (w cookieWriter) WriteHeader(int) {}

func (w cookieWriter) Write([]byte) (int, error) {
	return 0, errors.New("session: an importer writes no response")
}
