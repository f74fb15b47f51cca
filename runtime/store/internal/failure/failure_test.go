package failure_test

import (
	"errors"
	"io"
	"testing"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

func TestAnErrorSaysWhatHasFailedAndIsItsKindAndCause(t *testing.T) {
	for _, c := range []struct {
		err  failure.Error
		want string
	}{
		{
			failure.Error{
				Store: "redis", Verb: failure.Get, Server: "10.0.0.1:6379",
				Kind: session.ErrUnavailable, Reason: "cut", Err: io.EOF,
			},
			"redis: get 10.0.0.1:6379: session: store unavailable: cut",
		},
		{failure.Error{Store: "file", Verb: failure.Add, Reason: "cut", Err: io.EOF}, "file: add: cut"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
		if !errors.Is(&c.err, io.EOF) || errors.Is(&c.err, session.ErrUnavailable) != (c.err.Kind != nil) {
			t.Errorf("%v unwraps to %v", &c.err, c.err.Unwrap())
		}
	}
}
