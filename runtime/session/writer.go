package session

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// A writer is the ResponseWriter within Do: it saves the session before the header goes out.
//
// The headers of sessions are held back until then. So nothing that a handler does to the header, or to the header
// of a response that is buffered on the way, takes it away again, and no goroutine but the one that writes the response
// touches the header.
//
// It has every optional interface that a server's writer may have, whether this one has it or not. People and
// frameworks ask for them by type assertion (gin's does without asking first), and a type for each combination of seven
// would be 128 of them. Where the server's writer lacks one, the method says http.ErrNotSupported, does nothing, or
// does it in the plain way.
type writer struct {
	http.ResponseWriter
	saver saver

	state     atomic.Int32 // a state below
	abandoned atomic.Bool  // nothing is to be saved any more
	private   atomic.Bool  // a session's cookie or token is in the header, and nothing has gone out
	failed    atomic.Pointer[error]
	status    atomic.Int32 // of the response, once it has begun

	mu   sync.Mutex
	held held
	out  response // where that is released to
}

// The states of a writer.
const (
	stateOpen int32 = iota // nothing has gone out, cookies can be set
	stateLate              // no cookie can be set any more; the header is about to go out, or the save has failed
	stateSent              // the header has gone out
	stateOver              // Do has ended and nothing has gone out: whoever answers now writes through
)

// A saver is the visit that a writer belongs to.
type saver interface {
	commit(save bool) error // saves if asked to; afterwards no session of this response can set a cookie
	drop(status int)        // says that a response of this status saves nothing
	tooLate(status int)     // says that a response of this status comes after what it should have stopped
}

// nobody is the saver of a writer through which Do answers an error: there is nothing to save.
type nobody struct{}

func (nobody) commit(bool) error { return nil }
func (nobody) drop(int)          {}
func (nobody) tooLate(int)       {}

// held is what is to go into the header.
type held struct {
	cookies []string
	token   []string // of a bearer request: one, which may be empty
	vary    vary
}

// private reports whether it is nobody else's to keep.
func (h *held) private() bool { return len(h.cookies) > 0 || h.token != nil }

// writerOf returns the writer that w is or wraps and that may still hold a cookie back, or nil.
func writerOf(w http.ResponseWriter) *writer {
	for ; w != nil; w = unwrapped(w) {
		if x, ok := w.(*writer); ok && x.state.Load() != stateOver {
			return x
		}
	}
	return nil
}

// begin is called before the final status goes out, and does its work once. Its error is that of a save that failed:
// the response is not the handler's any more, and what it writes is dropped.
func (w *writer) begin(status int) error {
	switch w.state.Load() {
	case stateOver:
		if status >= http.StatusInternalServerError {
			w.saver.tooLate(status)
		}
		if err := w.failure(); err != nil {
			return err
		}
		w.protect()
		return nil
	case stateLate, stateSent:
		return w.failure()
	}
	if status >= http.StatusInternalServerError {
		w.saver.drop(status)
		w.abandon()
	}
	if err := w.saver.commit(!w.abandoned.Load()); err != nil {
		kept := err // apart, so that a response that has not failed allocates none
		w.failed.Store(&kept)
		return err
	}
	w.status.Store(int32(status))
	w.state.Store(stateSent)
	w.release()
	return nil
}

// failure returns why the response is not the handler's any more, or nil.
func (w *writer) failure() error {
	if err := w.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// close ends the time in which a cookie can be set.
func (w *writer) close() { w.state.CompareAndSwap(stateOpen, stateLate) }

// abandon gives up what is not saved yet.
func (w *writer) abandon() { w.abandoned.Store(true) }

// release puts what was held back into the header, or leaves it to a Middleware further out, whose own failure must not
// take away the cookie of a session that has been saved.
func (w *writer) release() {
	w.mu.Lock()
	out := w.held
	w.held = held{}
	w.mu.Unlock()
	if !out.private() && out.vary == 0 {
		return
	}
	w.out.w, w.out.writer = w.ResponseWriter, writerOf(w.ResponseWriter)
	for _, line := range out.cookies {
		w.out.putCookie(line)
	}
	if out.token != nil {
		w.out.putToken(out.token[0])
	}
	w.private.Store(out.private() && w.out.writer == nil)
	if out.vary != 0 {
		w.out.putVary(out.vary)
	}
}

// holdsCookie reports whether a cookie, or a token, is still to go out.
func (w *writer) holdsCookie() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.held.private()
}

// protect keeps caches from an answer that is written after a session's cookie was released.
func (w *writer) protect() {
	if w.private.Swap(false) {
		forbidCaching(w.Header())
	}
}

func (w *writer) WriteHeader(status int) {
	if status < 200 && status != http.StatusSwitchingProtocols {
		if w.failure() == nil {
			w.ResponseWriter.WriteHeader(status) // informational: not the response yet
		}
		return
	}
	if w.begin(status) == nil {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *writer) Write(b []byte) (int, error) {
	if err := w.begin(http.StatusOK); err != nil {
		return 0, err
	}
	return w.ResponseWriter.Write(b)
}

func (w *writer) WriteString(s string) (int, error) {
	if err := w.begin(http.StatusOK); err != nil {
		return 0, err
	}
	return io.WriteString(w.ResponseWriter, s)
}

// ReadFrom keeps sendfile working.
func (w *writer) ReadFrom(src io.Reader) (int64, error) {
	if err := w.begin(http.StatusOK); err != nil {
		return 0, err
	}
	return io.Copy(w.ResponseWriter, src)
}

func (w *writer) Flush() { _ = w.FlushError() }

// FlushError is what http.ResponseController calls. Where the server cannot flush, nothing goes out and the response
// has not begun.
func (w *writer) FlushError() error {
	if !canFlush(w.ResponseWriter) {
		return http.ErrNotSupported
	}
	if err := w.begin(http.StatusOK); err != nil {
		return err
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// canFlush reports whether http.ResponseController finds something in w that flushes.
func canFlush(w http.ResponseWriter) bool {
	for ; w != nil; w = unwrapped(w) {
		switch x := w.(type) {
		case *writer:
			return canFlush(x.ResponseWriter)
		case interface{ FlushError() error }, http.Flusher:
			return true
		}
	}
	return false
}

// Hijack saves what needs no cookie, then hands the connection over; where a save has failed, it does not, because the
// connection has to carry the answer that says so.
func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if err := w.failure(); err != nil {
		return nil, nil, err
	}
	before := w.state.Swap(stateLate) // from here on a cookie is too late
	if before == stateOpen {
		err := error(ErrLateSave)
		if !w.holdsCookie() {
			err = w.saver.commit(!w.abandoned.Load())
		}
		if err != nil {
			w.state.Store(stateOpen)
			return nil, nil, err
		}
	}
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		w.state.Store(before)
		return nil, nil, err
	}
	w.state.Store(stateSent)
	return conn, rw, nil
}

// Push is for HTTP/2.
func (w *writer) Push(target string, opts *http.PushOptions) error {
	for x := w.ResponseWriter; x != nil; x = unwrapped(x) {
		if p, ok := x.(http.Pusher); ok {
			return p.Push(target, opts)
		}
	}
	return http.ErrNotSupported
}

// CloseNotify is deprecated, and what gin's Stream calls. Where the server's writer has none the channel never fires.
func (w *writer) CloseNotify() <-chan bool {
	for x := w.ResponseWriter; x != nil; x = unwrapped(x) {
		if n, ok := x.(interface{ CloseNotify() <-chan bool }); ok {
			return n.CloseNotify()
		}
	}
	return make(chan bool)
}

// Unwrap lets http.ResponseController find what the server's writer can do beside this.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
