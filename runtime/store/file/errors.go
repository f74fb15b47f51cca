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

// damagedError is a file that is not what bbolt has written: it panics over such a page, and so does the kernel's
// answer to reading one from a disk that fails.
type damagedError struct{ cause any }

func (e *damagedError) Error() string { return fmt.Sprintf("the file is damaged: %v", e.cause) }

// sound runs what reads pages of the file, and makes an error of a panic over them.
func sound(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = &damagedError{cause}
		}
	}()
	return f()
}

// unknownError is a failure after which the file may hold what was to be written, or not.
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
