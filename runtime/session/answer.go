package session

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync/atomic"
)

// answerError is the default of Config.OnError.
func answerError(log *slog.Logger) func(http.ResponseWriter, *http.Request, error) {
	return func(w http.ResponseWriter, r *http.Request, err error) {
		status, text := StatusOf(err), "Something went wrong on our side."
		if status == http.StatusServiceUnavailable {
			text = "The service is busy. Please try again in a moment."
		}
		level := slog.LevelError
		if r.Context().Err() != nil {
			level = slog.LevelWarn // nobody is there to see it
		}
		log.Log(r.Context(), level, "session request failed", failure(r, status, err)...)
		http.Error(w, text, status)
	}
}

// StatusOf returns the status that the default of Config.OnError answers an error of Load, Get or Save with, for
// adapters of frameworks that answer it themselves: 503 for ErrUnavailable, ErrUnknown and ErrConflict, which pass, and
// 500 for any other.
func StatusOf(err error) int {
	if errors.Is(err, ErrUnavailable) || errors.Is(err, ErrUnknown) || errors.Is(err, ErrConflict) {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// failure is what a log says of a request that failed, and of what has become of the session's changes. The path is not
// in it, as it may hold ids and tokens of the site: the pattern that it has matched says as much.
func failure(r *http.Request, status int, err error) []any {
	saved := "nothing more"
	if errors.Is(err, ErrUnknown) {
		saved = "unknown"
	}
	return append(requestAttrs(r, status), "saved", saved, "error", loggedError(err))
}

func requestAttrs(r *http.Request, status int) []any {
	attrs := []any{"method", oneLine(r.Method)}
	if r.Pattern != "" {
		attrs = append(attrs, "route", r.Pattern)
	}
	if status != 0 {
		attrs = append(attrs, "status", status)
	}
	return attrs
}

// logLate logs what nobody can be told any more.
func (v *visit[S]) logLate(err error) {
	v.m.e.cfg.Logger.ErrorContext(&v.ctx, "session request failed after the response had begun",
		failure(&v.r, int(v.w.status.Load()), err)...)
}

// logPanic logs a panic that followed a save that failed.
func (v *visit[S]) logPanic(p any) {
	attrs := append(requestAttrs(&v.r, 0), "panic", oneLine(fmt.Sprint(p)))
	if p != http.ErrAbortHandler { // which is not to be seen, says net/http
		attrs = append(attrs, "stack", string(debug.Stack()))
	}
	v.m.e.cfg.Logger.WarnContext(&v.ctx, "session handler panicked after the save had failed", attrs...)
}

// drop says that a status which is a failure of the server saves nothing.
func (v *visit[S]) drop(status int) {
	if v.changed() {
		v.m.e.cfg.Logger.DebugContext(&v.ctx, "session changes are dropped with a response that is a server error",
			append(requestAttrs(&v.r, status), "saved", "nothing more")...)
	}
}

// tooLate says that a failure was answered when its session had been saved already, because Middleware knew nothing of
// it.
func (v *visit[S]) tooLate(status int) {
	v.mu.Lock()
	saved := v.saved
	v.mu.Unlock()
	if saved {
		v.m.e.warn(&v.r, &v.m.e.overtaken, fmt.Sprintf(
			"a status of %d was answered after Middleware had ended and saved the session", status)+useDo)
	}
}

// useDo is what a warning says to whoever has put Middleware where it cannot do its work.
const useDo = ": use Manager.Do, or the framework's adapter, instead of Middleware"

// inTime is what a warning says to whoever comes when Middleware or Do has ended: too late, or because Middleware does
// not wait for its handlers.
const inTime = ": change it before that or, if the handlers run when Middleware has returned, use Manager.Do, or the" +
	" framework's adapter, instead"

// warn logs, once in the life of a manager, that Middleware or Do is used where it cannot do its work.
func (e *engine) warn(r *http.Request, once *atomic.Bool, text string) {
	if once.CompareAndSwap(false, true) {
		e.cfg.Logger.WarnContext(r.Context(), "session: "+text, requestAttrs(r, 0)...)
	}
}
