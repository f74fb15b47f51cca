package session_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestWhatMayPassIsA503AndAllElseA500(t *testing.T) {
	for err, want := range map[error]int{
		session.ErrUnavailable: 503, session.ErrUnknown: 503, session.ErrConflict: 503, fmt.Errorf("save: %w", session.ErrConflict): 503,
		session.ErrLateSave: 500, session.ErrTooLarge: 500, session.ErrNoMiddleware: 500, errors.New("oops"): 500,
	} {
		if got := session.StatusOf(err); got != want {
			t.Errorf("StatusOf(%v) = %d, want %d", err, got, want)
		}
	}
}
