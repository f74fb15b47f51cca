package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"strconv"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// The calls that this store has beside those of all.
const (
	verbAsk    failure.Verb = "read after a refused swap"
	verbPurge  failure.Verb = "purge"
	verbCreate failure.Verb = "create table"
)

// A kind is the conclusion from an error.
type kind int

const (
	none     kind = iota
	refused       // nothing was written, and another try would learn the same
	readOnly      // as refused
	tooLarge      // as refused, for the value's size
	conflict      // nothing was written, because of somebody else's write
	locked        // nothing was written, because somebody held a lock for too long
	stalled       // the connection was dead before anything had been sent
	unknown       // the connection failed, or nobody can say
)

// A fault is an error's meaning. Of the error's own text it has only parts that are known to be neither key nor
// value nor any part of a data source's name.
type fault struct {
	kind kind
	text string
}

// The texts of faults without a code.
const (
	reasonReply      = "the answer makes no sense"
	reasonConnection = "the connection failed"
	reasonOpening    = "no connection can be opened: perhaps the data source's name makes no sense"
	reasonStale      = "the connections of the pool are dead"
)

// faultOf says what a driver's error means. Which driver it is does not matter: each has a code in one of few
// places.
func (d Dialect) faultOf(err error) fault {
	if other := speaker(err); other != 0 && other != d {
		return fault{refused, fmt.Sprintf("the database answers as %v does, and the store's dialect is %v", other, d)}
	}
	if code := d.code(err); code != "" {
		f := d.faultOfCode(code)
		if f.text != "" {
			f.text += ": "
		}
		f.text += d.codeName() + " " + code
		return f
	}
	if errors.Is(err, driver.ErrBadConn) {
		return fault{stalled, reasonStale}
	}
	return fault{unknown, transportText(err)}
}

func (d Dialect) codeName() string {
	switch d {
	case Postgres:
		return "SQLSTATE"
	case SQLite:
		return "SQLite result"
	}
	return "error"
}

// code is the SQLSTATE of PostgreSQL, the number of MySQL's error, the result code of SQLite, as decimal text where
// it is a number; empty if the database has said nothing. Drivers have it in a method (pgx and lib/pq,
// modernc.org/sqlite) or in a field (go-sql-driver/mysql, mattn/go-sqlite3).
func (d Dialect) code(err error) string {
	switch d {
	case Postgres:
		var e interface{ SQLState() string }
		if errors.As(err, &e) {
			return e.SQLState()
		}
	case SQLite:
		var e interface{ Code() int }
		if errors.As(err, &e) {
			return strconv.Itoa(e.Code())
		}
	}
	for ; err != nil; err = errors.Unwrap(err) {
		v := reflect.Indirect(reflect.ValueOf(err))
		if v.Kind() != reflect.Struct {
			continue
		}
		for _, name := range []string{"Number", "Code"} {
			switch f := v.FieldByName(name); {
			case !f.IsValid():
			case f.CanInt():
				return strconv.FormatInt(f.Int(), 10)
			case f.CanUint():
				return strconv.FormatUint(f.Uint(), 10)
			case f.Kind() == reflect.String:
				return f.String()
			}
		}
	}
	return ""
}

// transportText is the text of the part of err that is known to tell no more than an address. The text around it is
// the driver's, which may have the user's name in it or the whole data source's.
func transportText(err error) string {
	var dial *net.OpError
	if errors.As(err, &dial) {
		return dial.Error()
	}
	var lookup *net.DNSError // by itself where the driver, as pgx, looks names up before it dials
	if errors.As(err, &lookup) {
		return lookup.Error()
	}
	for _, known := range []error{context.DeadlineExceeded, context.Canceled, io.ErrUnexpectedEOF, io.EOF, net.ErrClosed} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	// database/sql does not export this one.
	if err.Error() == "sql: database is closed" {
		return err.Error()
	}
	return reasonConnection
}

// failure is the error of a call.
func (s *Store) failure(verb failure.Verb, f fault, err error) error {
	e := &failure.Error{Store: "sqlstore", Verb: verb, Kind: session.ErrUnavailable, Reason: f.text, Err: err}
	switch {
	case !verb.Writes():
	case f.kind == unknown:
		e.Kind = nil
	case f.kind == tooLarge:
		e.Kind = session.ErrTooLarge
	}
	return e
}
