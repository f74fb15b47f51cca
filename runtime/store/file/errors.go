package file

import (
	"errors"
	"fmt"
	"runtime/debug"

	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

var (
	errClosed  = errors.New("the store is closed")
	errForeign = errors.New("it holds something else than sessions")
)

// damagedError says that the file is damaged. bbolt panics over a page that it has not written; reading a page from a
// disk that fails ends in a panic too.
type damagedError struct{ cause any }

func (e *damagedError) Error() string { return fmt.Sprintf("the file is damaged: %v", e.cause) }

// sound runs a function that reads pages of the file, and turns a panic over a damaged page into an error.
func sound(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = &damagedError{cause}
		}
	}()
	return f()
}

// unknownError is a failure after which nobody knows whether the file holds the writes.
type unknownError struct{ err error }

func (e *unknownError) Error() string { return e.err.Error() }

func (e *unknownError) Unwrap() error { return e.err }

// failure turns an error into a Store's.
func (s *Store) failure(verb failure.Verb, err error) error {
	if err == nil || isAnswer(err) {
		return err
	}
	kind := session.ErrUnavailable
	var unknown *unknownError
	switch {
	case errors.Is(err, bolterrors.ErrValueTooLarge):
		kind = session.ErrTooLarge
	case errors.As(err, &unknown) && verb.Writes():
		kind = nil
	}
	return &failure.Error{Store: "file", Verb: verb, Server: s.path, Kind: kind, Reason: err.Error(), Err: err}
}
