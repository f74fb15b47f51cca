package session

import (
	"bufio"
	"io"
	"maps"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// A writer is the ResponseWriter inside Middleware: it saves the session before the header goes out.
//
// What sessions add to the header is held back until then. So nothing that a handler does to the header, or to the header
// of a response that is buffered on the way, takes it away again, and no goroutine but the one that writes the response
// touches the header.
type writer struct {
	http.ResponseWriter
	saver  saver
	before http.Header // as the handler found it

	committed atomic.Bool // the header has gone out, or is going
	abandoned atomic.Bool // nothing is to be saved any more
	failed    error       // the save failed: the response is the error page, and the handler's is dropped

	mu   sync.Mutex
	held held
	out  response // where that is released to
}

// A saver is the visit that a writer belongs to.
type saver interface {
	commit(save bool) error // saves if asked to; afterwards no session of this response can set a cookie
	onError(http.ResponseWriter, error)
}

// held is what is to go into the header.
type held struct {
	cookies []string
	vary    bool
}

// writerOf returns the writer that w is or wraps, or nil.
func writerOf(w http.ResponseWriter) *writer {
	for {
		switch x := w.(type) {
		case *writer:
			return x
		case interface{ Unwrap() http.ResponseWriter }:
			w = x.Unwrap()
		default:
			return nil
		}
	}
}

// begin is called before the final status goes out, and does its work once.
func (w *writer) begin(status int) {
	if w.committed.Load() {
		return
	}
	if status >= http.StatusInternalServerError {
		w.abandon()
	}
	w.failed = w.saver.commit(!w.abandoned.Load())
	if w.failed != nil {
		w.abandon()
		h := w.Header()
		clear(h)
		maps.Copy(h, w.before)
	}
	w.release()
	if w.failed != nil {
		w.saver.onError(w.ResponseWriter, w.failed)
	}
}

// abandon gives up what is not saved yet.
func (w *writer) abandon() { w.abandoned.Store(true) }

// release puts what was held back into the header, or leaves it to a Middleware further out, whose own failure must not
// take away the cookie of a session that has been saved.
func (w *writer) release() {
	w.mu.Lock()
	held := w.held
	w.held.cookies, w.held.vary = nil, false
	w.mu.Unlock()
	if held.cookies == nil && !held.vary {
		return
	}
	w.out.w, w.out.writer = w.ResponseWriter, writerOf(w.ResponseWriter)
	for _, line := range held.cookies {
		w.out.putCookie(line)
	}
	if held.vary {
		w.out.putVary()
	}
}

// holdsCookie reports whether a cookie is still to go out.
func (w *writer) holdsCookie() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.held.cookies) > 0
}

func (w *writer) WriteHeader(status int) {
	if status < 200 && status != http.StatusSwitchingProtocols {
		w.ResponseWriter.WriteHeader(status) // informational: not the response yet
		return
	}
	w.begin(status)
	if w.failed == nil {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *writer) Write(b []byte) (int, error) {
	w.begin(http.StatusOK)
	if w.failed != nil {
		return 0, w.failed
	}
	return w.ResponseWriter.Write(b)
}

func (w *writer) WriteString(s string) (int, error) {
	w.begin(http.StatusOK)
	if w.failed != nil {
		return 0, w.failed
	}
	return io.WriteString(w.ResponseWriter, s)
}

// ReadFrom keeps sendfile working.
func (w *writer) ReadFrom(src io.Reader) (int64, error) {
	w.begin(http.StatusOK)
	if w.failed != nil {
		return 0, w.failed
	}
	return io.Copy(w.ResponseWriter, src)
}

func (w *writer) Flush() { _ = w.FlushError() }

// FlushError is what http.ResponseController calls. Where the server cannot flush, nothing goes out and the response has
// not begun.
func (w *writer) FlushError() error {
	if !canFlush(w.ResponseWriter) {
		return http.ErrNotSupported
	}
	w.begin(http.StatusOK)
	if w.failed != nil {
		return w.failed
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// canFlush reports whether http.ResponseController finds something in w that flushes.
func canFlush(w http.ResponseWriter) bool {
	for {
		switch x := w.(type) {
		case *writer:
			w = x.ResponseWriter
		case interface{ FlushError() error }, http.Flusher:
			return true
		case interface{ Unwrap() http.ResponseWriter }:
			w = x.Unwrap()
		default:
			return false
		}
	}
}

// Hijack saves what needs no cookie, then hands the connection over.
func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	began := w.committed.Swap(true) // from here on a cookie is too late
	if !began {
		err := error(ErrLateSave)
		if !w.holdsCookie() {
			err = w.saver.commit(!w.abandoned.Load())
		}
		if err != nil {
			w.committed.Store(false)
			return nil, nil, err
		}
	}
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		w.committed.Store(began)
	}
	return conn, rw, err
}

// Unwrap lets http.ResponseController find what the server's writer can do beside this.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
