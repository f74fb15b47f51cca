package redis

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

var (
	errReply = errors.New("the reply makes no sense")
	errBatch = errors.New("a reply is missing or one too many")
	errReset = errors.New("opened before a reset")
)

// dialError is why there is no connection.
type dialError struct{ err error }

func (e *dialError) Error() string { return e.err.Error() }

func (e *dialError) Unwrap() error { return e.err }

// closedError is a connection that the server has closed with an error reply, in the middle of a request.
type closedError struct {
	reply string
	err   error
}

func (e *closedError) Error() string { return e.reply }

func (e *closedError) Unwrap() error { return e.err }

// failure turns go-redis' errors into a Store's. sent says whether the request may have reached a server.
func (s *Store) failure(verb failure.Verb, err error, sent bool) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, goredis.Nil):
		return session.ErrNotFound
	}
	return &failure.Error{
		Store: "redis", Verb: verb, Server: s.name, Kind: kind(verb, err, sent), Reason: reason(err), Err: err,
	}
}

// errBulkLength is Redis' word for a value over its proto-max-bulk-len.
const errBulkLength = "ERR Protocol error: invalid bulk length"

// kind says what the caller may conclude: that the value is too large, that nothing was written, or nothing.
func kind(verb failure.Verb, err error, sent bool) error {
	var tooLarge *failure.SizeError
	switch {
	case verb.Writes() && (!sent && errors.As(err, &tooLarge) || err.Error() == errBulkLength):
		return session.ErrTooLarge
	case !verb.Writes(), !sent, refused(err):
		return session.ErrUnavailable
	}
	return nil
}

// errUnknownCommand is how Redis' answer to a command begins that it does not have, or that was renamed away.
const errUnknownCommand = "ERR unknown command"

// refused says that Redis itself answered, and that it did nothing. An error of another kind may come from a proxy that
// has passed the request on.
func refused(err error) bool {
	text := serverText(err)
	code, _, _ := strings.Cut(text, " ")
	switch code {
	case "READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK", // not this node, or not now
		"NOAUTH", "WRONGPASS", "NOPERM", "DENIED", // not this user
		"OOM", "MISCONF", "NOREPLICAS", "BUSY", // no writes now
		"WRONGTYPE", "NOSCRIPT":
		return true
	}
	return strings.Contains(text, "user_script") || // Redis 6 puts the code of a script's error behind that
		strings.HasPrefix(text, errUnknownCommand) ||
		strings.HasPrefix(text, "ERR max number of clients reached")
}

// serverText is what the server itself said, if it did: in reply, or before it closed the connection.
func serverText(err error) string {
	if reply, ok := errors.AsType[goredis.Error](err); ok {
		return reply.Error()
	}
	if closed, ok := errors.AsType[*closedError](err); ok {
		return closed.reply
	}
	return ""
}

// isReply says whether err is an answer of a server.
func isReply(err error) bool {
	var reply goredis.Error
	return errors.As(err, &reply)
}

// worthAnotherRead says that the fault may be with the one connection. Of a server that cannot be reached and of one
// that answers with an error, another try would learn the same.
func worthAnotherRead(err error) bool {
	if err == nil || isReply(err) {
		return false
	}
	_, dial := errors.AsType[*dialError](err)
	return !dial
}

// reason is the text of err if it is known to contain nothing of a reply but an error. go-redis quotes replies that it
// does not understand, and of a connection that is out of step they could be a stranger's data.
func reason(err error) string {
	var (
		reply   goredis.Error
		dial    *dialError
		closed  *closedError
		network net.Error
		size    *failure.SizeError
	)
	switch {
	case errors.As(err, &reply):
		return strings.Replace(err.Error(), reply.Error(), replyText(reply.Error()), 1)
	case errors.As(err, &dial), errors.As(err, &closed), errors.As(err, &network), errors.As(err, &size),
		errors.Is(err, errBatch), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, goredis.ErrPoolTimeout), errors.Is(err, goredis.ErrPoolExhausted), errors.Is(err, goredis.ErrClosed):
		return err.Error()
	}
	return errReply.Error()
}

// replyText is an error reply without the arguments and the user's name that some have, and with a word for the
// operator.
func replyText(text string) string {
	if strings.HasPrefix(text, errUnknownCommand) {
		text, _, _ = strings.Cut(text, ", with args beginning with")
		if strings.Contains(strings.ToLower(text), "eval") {
			text += "; the store needs scripts, by EVAL and EVALSHA"
		}
		return text
	}
	if _, right, ok := strings.Cut(text, " has no permissions "); ok && strings.HasPrefix(text, "NOPERM User ") {
		return "NOPERM no permissions " + right
	}
	return text
}
