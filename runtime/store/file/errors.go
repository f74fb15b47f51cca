package file

import (
	"errors"
	"fmt"
	"runtime/debug"

	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/sessiongen/sessiongen/runtime/session"
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

// opError is what a call that failed returns. Its text has neither key nor value.
type opError struct {
	verb verb
	path string
	kind error // session.ErrUnavailable, session.ErrTooLarge, or nil where nobody knows whether it was written
	err  error
}

func (e *opError) Error() string {
	text := "file: " + string(e.verb) + " " + e.path
	if e.kind != nil {
		text += ": " + e.kind.Error()
	}
	return text + ": " + e.err.Error()
}

func (e *opError) Unwrap() []error {
	if e.kind == nil {
		return []error{e.err}
	}
	return []error{e.kind, e.err}
}

// unknownError is a failure after which the file may hold what was to be written, or not.
type unknownError struct{ err error }

func (e *unknownError) Error() string { return e.err.Error() }

func (e *unknownError) Unwrap() error { return e.err }

// failure turns an error into a Store's.
func (s *Store) failure(verb verb, err error) error {
	var unknown *unknownError
	switch {
	case err == nil, isAnswer(err):
		return err
	case errors.Is(err, bolterrors.ErrValueTooLarge):
		return &opError{verb, s.path, session.ErrTooLarge, err}
	case errors.As(err, &unknown) && (verb == verbAdd || verb == verbSwap):
		return &opError{verb, s.path, nil, err}
	}
	return &opError{verb, s.path, session.ErrUnavailable, err}
}
