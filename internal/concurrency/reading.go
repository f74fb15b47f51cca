package concurrency

import (
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// AReadOnlyRequestNeverUndoesAWrite returns how many sessions it made, each with one Add and one Swap, and how many
// touches there were.
func AReadOnlyRequestNeverUndoesAWrite(t *testing.T, connect func() session.Store) (sessions, touches int) {
	written, read := &Counting{Store: connect()}, &Counting{Store: connect()}
	// A process touches what it has not touched yet: every read in this one slides the expiry.
	writer, reader := Visitors(t, written), Visitors(t, read)
	n := count(5000)
	races(n, func(i int) {
		cookie, token := Begin(t, writer, func(s *visitor.Session) { s.SetColor("red") })
		Together(2, func(i int) {
			if i == 0 {
				w, r := Visit(cookie)
				s, err := reader.Load(w, r)
				if err != nil || s.Color() != "red" {
					t.Error("reader:", err)
					return
				}
				_, _, _ = s.Snapshot(), s.Meta(), s.String()
				if err := s.Save(); err != nil { // as a middleware would
					t.Error("reader:", err)
				}
				if len(w.Result().Cookies()) > 0 {
					t.Error("the reader's response sets a cookie")
				}
				return
			}
			s, err := writer.Load(Visit(cookie))
			if err != nil {
				t.Error(err)
				return
			}
			s.SetSize("large")
			if err := s.Save(); err != nil {
				t.Error("writer:", err)
			}
		})
		if got := Open(t, writer, token); got.Size() != "large" || got.Color() != "red" {
			t.Error("a write is lost")
		}
	})
	if touches := read.Touches.Load(); touches != int64(n) {
		t.Errorf("the reader slid the expiry %d times in %d requests", touches, n)
	}
	if writes := read.Adds.Load() + read.Swaps.Load() + read.Deletes.Load(); writes != 0 {
		t.Errorf("the reader wrote %d times", writes)
	}
	if adds, swaps := written.Adds.Load(), written.Swaps.Load(); adds != int64(n) || swaps != int64(n) {
		t.Errorf("%d sessions cost %d adds and %d swaps: a touch made a writer try again", n, adds, swaps)
	}
	return n, int(read.Touches.Load() + written.Touches.Load())
}
