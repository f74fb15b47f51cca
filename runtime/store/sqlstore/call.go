package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

const (
	maxStale  = 100 // dead connections of the pool that one call may meet; a new connection is never one of them
	maxBroken = 2   // repetitions of a call whose connection failed under way, if repeating it is safe

	firstWait = time.Millisecond // between two tries, doubled from one to the next
	maxWait   = 20 * time.Millisecond
)

// limit gives a call its time. Of the caller's context it keeps the values and the deadline.
func (s *Store) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() != nil {
		return ctx, func() {}
	}
	end := time.Now().Add(s.timeout)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(end) {
		end = deadline
	}
	return context.WithDeadline(context.WithoutCancel(ctx), end)
}

// exec runs a statement that returns no rows.
func (s *Store) exec(ctx context.Context, verb failure.Verb, statement string, args ...any) (res sql.Result, err error) {
	err = s.run(ctx, verb, func(ctx context.Context, conn *sql.Conn) error {
		res, err = conn.ExecContext(ctx, statement, args...)
		return err
	})
	return res, err
}

// update runs a statement and returns how many records it changed.
func (s *Store) update(ctx context.Context, verb failure.Verb, statement string, args ...any) (int64, error) {
	res, err := s.exec(ctx, verb, statement, args...)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, s.failure(verb, fault{kind: unknown, text: reasonReply}, err)
	}
	return n, nil
}

// query runs a statement that returns one row, or none: ErrNotFound.
func (s *Store) query(ctx context.Context, verb failure.Verb, statement, key string, dest ...any) error {
	return s.run(ctx, verb, func(ctx context.Context, conn *sql.Conn) error {
		err := conn.QueryRowContext(ctx, statement, []byte(key)).Scan(dest...)
		if errors.Is(err, sql.ErrNoRows) {
			return session.ErrNotFound
		}
		return err
	})
}

// run calls f with a connection of the pool, and again with another where that is safe and may help, while there is
// time.
//
// The pool's own methods try again too, but of an error they do not tell whether the statement had been sent.
func (s *Store) run(ctx context.Context, verb failure.Verb, f func(context.Context, *sql.Conn) error) error {
	stale, broken, wait := 0, 0, firstWait
	var lastFault fault
	var lastErr error
	for {
		flt, err := s.try(ctx, f)
		if flt.kind == none {
			return err
		}
		if lastErr != nil && flt.kind == refused && ctx.Err() != nil {
			flt, err = lastFault, lastErr // which says more than that the time is over
		}
		lastFault, lastErr = flt, err
		switch {
		case flt.kind == stalled && stale < maxStale && ctx.Err() == nil:
			stale++
			continue
		case flt.kind == unknown && !verb.Writes() && broken < maxBroken:
			broken++
		case flt.kind == conflict && verb == failure.Swap:
			return session.ErrStale
		case flt.kind == conflict, flt.kind == locked:
		default:
			return s.failure(verb, flt, err)
		}
		if !pause(ctx, wait) {
			return s.failure(verb, flt, err)
		}
		wait = min(2*wait, maxWait)
	}
}

// try makes one try, and says how it failed.
func (s *Store) try(ctx context.Context, f func(context.Context, *sql.Conn) error) (fault, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		flt := s.dialect.faultOf(err)
		if flt.kind != locked && flt.kind != conflict {
			flt.kind = refused // nothing had been sent
		}
		if flt.text == reasonConnection {
			flt.text = reasonOpening
		}
		return flt, err
	}
	defer conn.Close()
	err = f(ctx, conn)
	if err == nil || errors.Is(err, session.ErrNotFound) {
		return fault{}, err
	}
	flt := s.dialect.faultOf(err)
	if flt.kind == readOnly && s.dialect != SQLite {
		// A primary that has become a replica keeps its connections. The next one may lead to its successor.
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	return flt, err
}

// pause waits, about half as long or just as long, and says whether there is time for another try.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait/2 + rand.N(wait/2+1))
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
