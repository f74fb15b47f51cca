package ginsession

import (
	"bufio"
	"io"
	"net"
	"net/http"

	"github.com/gin-gonic/gin"
)

// A writer is gin's writer as the handlers see it: their writes go through out, which saves the session first, and from
// there to gin's own, which is embedded. A status that is set is gin's to keep until then.
//
// WriteHeaderNow writes nothing yet. gin's AbortWithError calls it before it records the error, which must be known
// when the session is saved.
type writer struct {
	gin.ResponseWriter
	out     http.ResponseWriter
	failing func() // gives up the save if the handlers have failed
	begun   bool
	now     bool // WriteHeaderNow has been called
}

// begin has the header written, and the session saved before that. Where the save fails nothing is written, and further
// writes fail with its error.
func (w *writer) begin() {
	if !w.begun {
		w.begun = true
		w.failing()
		w.out.WriteHeader(w.Status())
	}
}

// end writes the header that is due, when the handlers have returned.
func (w *writer) end() {
	if w.now && !w.begun {
		w.begin()
		_, _ = w.out.Write(nil) // gin's WriteHeader only takes note of the status
	}
}

func (w *writer) WriteHeaderNow() { w.now = true }
func (w *writer) Written() bool   { return w.now || w.begun || w.ResponseWriter.Written() }

// WriteHeader takes note of the status, as gin does until it is written.
func (w *writer) WriteHeader(status int) {
	if !w.Written() {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *writer) Write(b []byte) (int, error) {
	w.begin()
	return w.out.Write(b)
}

func (w *writer) WriteString(s string) (int, error) {
	w.begin()
	return io.WriteString(w.out, s)
}

func (w *writer) Flush() {
	w.begin()
	_ = http.NewResponseController(w.out).Flush()
}

// Hijack sends the header first if it is due: a 101 can carry a cookie.
func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.end()
	return http.NewResponseController(w.out).Hijack()
}

// Unwrap lets http.ResponseController find the other methods of the server's writer.
func (w *writer) Unwrap() http.ResponseWriter { return w.out }
