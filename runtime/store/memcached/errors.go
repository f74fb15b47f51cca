package memcached

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

var (
	errSkipped  = errors.New("the node has failed repeatedly and is skipped for a moment")
	errBusy     = errors.New("all connections are busy")
	errReply    = errors.New("the reply makes no sense")
	errReplies  = errors.New("the replies to a batch are too long")
	errLost     = errors.New("the reply was lost")
	errOtherKey = errors.New("the reply is for another key")
	errNoCAS    = errors.New("the server keeps no versions (memcached -C?)")
	errMarker   = errors.New("no answer to the command version, which a proxy may not know")
)

// refusedError is why a request was not sent at all.
type refusedError struct{ err error }

func (e *refusedError) Error() string { return e.err.Error() }

func (e *refusedError) Unwrap() error { return e.err }

// reason is the text of err, unless gomemcache put the reply into it, which can be anything, a stranger's data too. Of
// a reply that is an error, the server's reason is kept.
func reason(err error) string {
	text := err.Error()
	if !strings.HasPrefix(text, "memcache: unexpected") {
		return text
	}
	for _, word := range []string{"SERVER_ERROR", "CLIENT_ERROR", "ERROR"} {
		if i := strings.Index(text, `"`+word); i >= 0 {
			return strings.TrimSuffix(text[i+1:], `\r\n"`)
		}
	}
	return "unexpected reply"
}

// unversioned says what is the matter with a node that has not answered version. A timeout is no sign of a proxy.
func unversioned(err error) error {
	var network net.Error
	if err == nil || notSent(err) || errors.Is(err, context.Canceled) || errors.As(err, &network) && network.Timeout() {
		return err
	}
	return fmt.Errorf("%w: %s", errMarker, reason(err))
}

// failure turns gomemcache's errors into a Store's. An answer to another command than the one sent is no answer.
func (n *node) failure(verb failure.Verb, err error) error {
	if err == nil {
		return nil
	}
	miss, notStored := errors.Is(err, memcache.ErrCacheMiss), errors.Is(err, memcache.ErrNotStored)
	switch {
	case miss && (verb == failure.Get || verb == failure.Touch || verb == failure.Swap):
		return session.ErrNotFound
	case notStored && verb == failure.Swap: // evicted between the check and the write
		return session.ErrNotFound
	case notStored && verb == failure.Add:
		return session.ErrExists
	case verb == failure.Swap && errors.Is(err, memcache.ErrCASConflict):
		return session.ErrStale
	}
	return &failure.Error{
		Store: "memcached", Verb: verb, Server: n.name, Kind: kind(verb, err), Reason: reason(err), Err: err,
	}
}

// kind says what the caller may conclude: that the value is too large, that nothing was written, or nothing.
func kind(verb failure.Verb, err error) error {
	text := err.Error()
	var tooLarge *failure.SizeError
	switch {
	case verb.Writes() && (errors.As(err, &tooLarge) || strings.Contains(text, "SERVER_ERROR object too large")):
		return session.ErrTooLarge
	case !verb.Writes(), notSent(err):
		return session.ErrUnavailable
	case strings.Contains(text, "SERVER_ERROR out of memory"), strings.Contains(text, "ERROR Too many open connections"):
		return session.ErrUnavailable // a refusal by memcached itself
	}
	return nil
}

// notSent says that the request never left: refused here, or no connection could be had.
func notSent(err error) bool {
	var refused *refusedError
	var timeout *memcache.ConnectTimeoutError
	var op *net.OpError
	return errors.As(err, &refused) || errors.As(err, &timeout) || errors.Is(err, memcache.ErrNoServers) ||
		errors.As(err, &op) && op.Op == "dial"
}
