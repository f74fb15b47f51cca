package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
)

// Do runs next with one session around it, which Get and FromContext return, and saves it: before the first byte of the
// response goes out (a 1xx response is none), or when next returns. It is what Middleware is made of, for frameworks
// whose handlers return an error and for interceptors of RPC, which alone know what has failed:
//
//	func middleware(next echo.HandlerFunc) echo.HandlerFunc {
//		return func(c *echo.Context) error {
//			return sessions.Do(c.Response(), c.Request(), func(w http.ResponseWriter, r *http.Request) error {
//				c.SetResponse(w)
//				c.SetRequest(r)
//				return next(c)
//			})
//		}
//	}
//
// If next returns an error or panics, nothing more is saved, and Do returns the error. Otherwise it returns the error
// of the save; that the session has ended meanwhile (ErrGone) is none. Where the response has not begun, its header is
// then as next found it, but for the cookies of what had been saved before, and the caller answers, through the w that
// it gave. Nothing that next has written goes out if the save before the first byte fails: its writes fail with the
// error of the save, so that it can stop, and if it panics for that Do logs the panic and returns the error.
//
// Nothing is saved for a status of 500 and more. Changes that next makes after the first byte are saved when it
// returns, if that needs no cookie. If that fails, Do logs its error, too: the response has begun, and most frameworks
// drop what they cannot answer with.
//
// Within Middleware, Handle or another Do of the same manager it joins that one: there is one session, which the outer
// one saves, and does not if next returns an error.
func (m *Manager[S]) Do(
	w http.ResponseWriter, r *http.Request, next func(http.ResponseWriter, *http.Request) error,
) error {
	return m.do(w, r, next, nil)
}

// do is Do. If answer is not nil, it answers errors where the response has not begun; where it has, they are logged.
func (m *Manager[S]) do(
	w http.ResponseWriter, r *http.Request, next func(http.ResponseWriter, *http.Request) error,
	answer func(http.ResponseWriter, *http.Request, error),
) error {
	if v := m.visitOf(r.Context()); v != nil && !v.over.Load() {
		return v.join(w, r, next, answer)
	}
	v := &visit[S]{m: m, byDo: answer == nil, unset: hasNoStatus(w), found: copyOf(w.Header())}
	v.ctx = visitContext[S]{r.Context(), v}
	v.r = *r.WithContext(&v.ctx)
	v.w.ResponseWriter, v.w.saver = w, v
	defer v.end()
	defer handBack(r, &v.r)
	err := v.run(next)
	switch sent := v.w.state.Load() == stateSent; {
	case answer == nil:
		if sent && v.lost {
			v.logLate(err)
		}
		v.w.failed.Store(nil) // what comes through it now is the caller's
	case err != nil && sent:
		v.logLate(err)
	case err != nil:
		v.answer(answer, err)
	case !sent:
		v.overhear()
	}
	return err
}

// end ends the time in which anybody but the handler itself saves the session.
func (v *visit[S]) end() {
	v.over.Store(true)
	v.mu.Lock()
	core := v.core
	v.mu.Unlock()
	if core != nil {
		core.Work().Close()
	}
}

// answer answers an error after settle, where nothing has gone out.
func (v *visit[S]) answer(answer func(http.ResponseWriter, *http.Request, error), err error) {
	w := &writer{ResponseWriter: v.w.ResponseWriter, saver: nobody{}}
	w.state.Store(stateOver)
	w.private.Store(v.w.private.Load())
	v.w.failed.Store(&err) // what comes through it now, from a framework that has kept it, would be a second answer
	answer(w, &v.r, err)
	w.protect() // it may have left the writing to the server
}

// handBack tells whoever has the outer request what was found out on the inner one, its copy: what the route is, which
// logs and traces want to know, and the form, since net/http removes the temporary files of its own request's form
// alone.
func handBack(outer, inner *http.Request) {
	if inner.Pattern != outer.Pattern {
		outer.Pattern = inner.Pattern
	}
	if outer.Form == nil && inner.Form != nil {
		outer.Form = inner.Form
	}
	if outer.PostForm == nil && inner.PostForm != nil {
		outer.PostForm = inner.PostForm
	}
	if outer.MultipartForm == nil && inner.MultipartForm != nil {
		outer.MultipartForm = inner.MultipartForm
	}
}

// A visit is one request within Do. What next gets is a part of it, so that all of it is one allocation.
type visit[S any] struct {
	m     *Manager[S]
	r     http.Request
	ctx   visitContext[S] // of r
	w     writer
	unset bool        // the writer below w had no status when Do began
	found http.Header // what next found
	over  atomic.Bool // Do has ended
	lost  bool        // the save has failed that followed next
	byDo  bool        // the caller answers errors

	required atomic.Bool // a Require has let it pass

	mu     sync.Mutex // guards what follows
	loaded bool
	s      *S
	core   *Core
	err    error
	saved  bool // the last commit had something to save, and has
}

// visitOf returns the visit that a context belongs to, or nil. The engine is the key: each manager has its own.
func (m *Manager[S]) visitOf(ctx context.Context) *visit[S] {
	v, _ := ctx.Value(m.e).(*visit[S])
	return v
}

// A visitContext is a context that carries a visit. It is no visit itself, in spite of Format, because package fmt asks
// no method where it prints an unexported field, or for the verb %w.
type visitContext[S any] struct {
	context.Context
	visit *visit[S]
}

func (c *visitContext[S]) Value(key any) any {
	if key == c.visit.m.e {
		return c.visit
	}
	return c.Context.Value(key)
}

// Format prints nothing of the session, whatever the verb.
func (c *visitContext[S]) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// String is what contexts that are made from this one call it.
func (c *visitContext[S]) String() string { return "session.Manager.Do" }

// session returns the visit's one session.
func (v *visit[S]) session() (*S, error) {
	if v.over.Load() {
		v.m.e.warn(&v.r, &v.m.e.outlived,
			"a session is asked for after its Middleware or Do has ended, and what changes in it is not saved"+inTime)
	}
	var r *report
	defer func() { r.tell() }()
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.loaded {
		r = v.m.e.report(&v.ctx)
		v.s, v.core, v.err = v.m.bind(response{w: v.w.ResponseWriter, request: &v.r, writer: &v.w, unset: v.unset}, r)
		v.loaded = true
	}
	return v.s, v.err
}

// run runs next, and saves what is left to save when it returns.
func (v *visit[S]) run(next func(http.ResponseWriter, *http.Request) error) (err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if failed := v.w.failure(); failed != nil {
			// A handler that panics because its writes fail (httputil.ReverseProxy does) must not take away the answer that
			// says why they failed.
			if p := recover(); p != nil {
				v.logPanic(p)
				err = failed
			}
		}
		v.w.abandon()
		v.settle(true)
	}()
	err = v.finish(next(&v.w, &v.r))
	v.settle(err != nil)
	returned = true
	return err
}

// finish saves what is left to save, and returns what has failed: next, or a save.
func (v *visit[S]) finish(err error) error {
	if failed := v.w.failure(); failed != nil {
		if err == nil || errors.Is(err, failed) {
			return failed
		}
		return errors.Join(failed, err)
	}
	if err != nil {
		v.w.abandon()
	} else if v.w.state.Load() == stateOpen {
		v.lookAround()
	}
	if late := v.commit(!v.w.abandoned.Load()); late != nil {
		v.lost = true
		return late
	}
	return err
}

// lookAround asks the caller's writer, where that is a framework's, what has become of a response that has not come
// through the visit's.
func (v *visit[S]) lookAround() {
	status := answered(v.w.ResponseWriter)
	if status >= http.StatusInternalServerError {
		v.drop(status)
		v.w.abandon()
	}
	if !sent(v.w.ResponseWriter, v.unset) {
		return
	}
	v.w.status.Store(int32(status))
	v.w.state.Store(stateSent)
	if v.looked() {
		text := "a response did not go through the writer that Middleware gave, and no cookie of its session can be set" +
			useDo
		if v.byDo {
			text = "a response did not go through the writer that Do gave, in an adapter perhaps, and no cookie of its session" +
				" can be set: all that answers the request, also after a redirect within the server, must be within Do"
		}
		v.m.e.warn(&v.r, &v.m.e.bypassed, text)
	}
}

// overhear has a framework's writer tell of a failure that is answered after the session was saved, and past the
// visit's writer: echo answers the errors of handlers when all middlewares have returned, and some of those that stand
// around WrapMiddleware (Gzip, BodyDump) have put the response of before in its place by then.
func (v *visit[S]) overhear() {
	v.mu.Lock()
	saved := v.saved
	v.mu.Unlock()
	if !saved {
		return
	}
	beforeHeader(v.w.ResponseWriter, func(status int) {
		if status >= http.StatusInternalServerError {
			v.tooLate(status)
		}
	})
}

// settle ends the time in which cookies can be set and, where nothing has gone out, puts the header in order for
// whoever answers: as next found it, if something has failed, and with the cookies of what has been saved.
func (v *visit[S]) settle(failed bool) {
	if v.w.state.Load() == stateSent {
		return
	}
	v.w.state.Store(stateOver)
	if failed {
		restore(v.w.Header(), v.found)
	}
	v.w.release()
}

// copyOf returns what restore takes. Most headers have nothing in them yet.
func copyOf(h http.Header) http.Header {
	if len(h) == 0 {
		return nil
	}
	return maps.Clone(h)
}

func restore(h, found http.Header) {
	clear(h)
	maps.Copy(h, found)
}

// join runs next within this visit. The visit saves, unless next fails, and answers if that fails.
func (v *visit[S]) join(
	w http.ResponseWriter, r *http.Request, next func(http.ResponseWriter, *http.Request) error,
	answer func(http.ResponseWriter, *http.Request, error),
) error {
	found := copyOf(w.Header())
	returned := false
	defer func() {
		if !returned {
			v.w.abandon()
		}
	}()
	err := next(w, r)
	returned = true
	if err == nil {
		return nil
	}
	if v.w.state.Load() == stateOpen {
		restore(w.Header(), found)
	}
	v.fail(w, r, err, answer)
	return err
}

// fail ends a visit whose session could not be loaded, or whose handler failed, within Do: nothing more is saved.
func (v *visit[S]) fail(
	w http.ResponseWriter, r *http.Request, err error, answer func(http.ResponseWriter, *http.Request, error),
) {
	v.w.abandon()
	switch {
	case answer == nil, v.w.failure() != nil: // somebody else answers
	case v.w.state.Load() == stateOpen:
		answer(w, r, err)
	default:
		v.logLate(err)
	}
}

// commit saves the session, if it is asked to and the handler has looked at it, and ends the time in which a cookie can
// be set. No other goroutine's Save falls in between: one that has begun is waited for, and one that comes later is too
// late. That the session has ended is no failure here.
func (v *visit[S]) commit(save bool) error {
	events := v.m.e.report(&v.ctx)
	defer events.tell()
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.core == nil {
		v.w.close()
		return nil
	}
	v.core.mu.Lock()
	defer v.core.mu.Unlock()
	v.core.report = events
	defer func() { v.core.report = nil }()
	var err error
	if save {
		v.saved = v.core.pending()
		err = v.core.save()
		v.saved = v.saved && err == nil
	}
	v.w.close()
	if errors.Is(err, ErrGone) {
		return nil
	}
	return err
}

// looked reports whether the session has been looked at.
func (v *visit[S]) looked() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.core != nil
}

// changed reports whether the session has changes that are not saved.
func (v *visit[S]) changed() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.core == nil {
		return false
	}
	v.core.mu.Lock()
	defer v.core.mu.Unlock()
	return v.core.pending()
}
