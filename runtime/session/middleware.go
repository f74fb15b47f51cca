package session

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"sync"
)

// Middleware gives each request one session, which Get returns, and saves it: before the first byte of the response goes
// out (a 1xx response is none), or when the handler returns. Nothing is saved after a panic or for a status of 500 and
// more. If the save fails, the client gets what Config.OnError answers and nothing of the handler's response, its header
// included; a session that has ended meanwhile (ErrGone) is no failure: the response goes out, without a cookie.
//
// What the handler changes after the first byte is saved when it returns, if that needs no cookie; else it is logged.
//
// The response writer that next gets supports Flush, Hijack, ReadFrom and http.ResponseController as far as the server's
// does. Hijack saves first; since a hijacked connection sends no header of ours, it fails with ErrLateSave if the session
// needs a cookie.
func (m *Manager[S]) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m.visitOf(r) != nil { // an outer one of the same manager saves
			next.ServeHTTP(w, r)
			return
		}
		v := &visit[S]{m: m}
		r = r.WithContext(context.WithValue(r.Context(), m.e, v))
		v.r = r
		v.w.ResponseWriter, v.w.saver = w, v
		if h := w.Header(); len(h) > 0 {
			v.w.before = maps.Clone(h)
		}
		defer v.w.release() // of a session that was saved before a panic, the old cookie is dead
		next.ServeHTTP(&v.w, r)
		v.finish()
	})
}

// A visit is one request inside Middleware.
type visit[S any] struct {
	m *Manager[S]
	r *http.Request
	w writer

	mu     sync.Mutex // guards what follows
	loaded bool
	s      *S
	core   *Core
	err    error
}

// visitOf returns the visit that a request belongs to, or nil. The engine is the key: each manager has its own.
func (m *Manager[S]) visitOf(r *http.Request) *visit[S] {
	v, _ := r.Context().Value(m.e).(*visit[S])
	return v
}

func (v *visit[S]) session() (*S, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.loaded {
		v.s, v.core, v.err = v.m.load(response{w: v.w.ResponseWriter, request: v.r, writer: &v.w})
		v.loaded = true
	}
	return v.s, v.err
}

// commit saves the session, if it is asked to and the handler has looked at it, and ends the time in which a cookie can be
// set. No other goroutine's Save falls in between: one that has begun is waited for, and one that comes later is too late.
// That the session has ended is no failure here.
func (v *visit[S]) commit(save bool) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.core == nil {
		v.w.committed.Store(true)
		return nil
	}
	v.core.mu.Lock()
	defer v.core.mu.Unlock()
	var err error
	if save {
		err = v.core.save()
	}
	v.w.committed.Store(true)
	if errors.Is(err, ErrGone) {
		return nil
	}
	return err
}

func (v *visit[S]) onError(w http.ResponseWriter, err error) { v.m.e.cfg.OnError(w, v.r, err) }

// finish is what happens when the handler has returned.
func (v *visit[S]) finish() {
	if !v.w.committed.Load() {
		v.w.begin(http.StatusOK)
		return
	}
	if v.w.abandoned.Load() {
		return
	}
	if err := v.commit(true); err != nil {
		v.m.e.cfg.Logger.ErrorContext(v.r.Context(), "session changes made after the response had begun are lost", "error", err)
	}
}
