package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// The defaults of Options.
const (
	DefaultTable   = "sessions"
	DefaultTimeout = 500 * time.Millisecond
)

// Options are the settings of NewWithOptions. The zero values suit a busy site.
type Options struct {
	// Table is the table's name, which may have a schema's before it: letters, digits and _, such as need no quotes.
	// Default DefaultTable.
	Table string

	// Timeout bounds a whole call: waiting for a connection of the pool, opening one, the statement, and trying
	// again where a row or the database was locked. Default DefaultTimeout.
	Timeout time.Duration
}

// Store keeps session records in a table. It implements session.Store, and is safe for concurrent use.
//
// A call ends within Options.Timeout, or at its context's deadline if that is earlier; cancelling the context while
// the call is under way does not end it sooner, for drivers then give up the connection, and a visitor who does not
// wait is no reason to open another. The context's values reach the driver.
//
// An error wraps session.ErrUnavailable when nothing was written, and always for Get, Touch and Delete; an Add or a
// Swap whose connection failed under way does not, for nobody knows.
type Store struct {
	db      *sql.DB
	dialect Dialect
	table   string
	timeout time.Duration
	sql     statements
}

var _ session.Store = (*Store)(nil)

// New returns a store on a database that the caller has opened, and closes, with the default options. It need not
// be up.
func New(db *sql.DB, dialect Dialect) (*Store, error) {
	return NewWithOptions(db, dialect, Options{})
}

// NewWithOptions returns a store on a database that the caller has opened, and closes. It need not be up; a dialect
// that is none, or not that of a driver that this package knows, and a name that no table can have are an error. Of
// other drivers Ping tells whether the dialect is theirs.
func NewWithOptions(db *sql.DB, dialect Dialect, o Options) (*Store, error) {
	if o.Table == "" {
		o.Table = DefaultTable
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if db == nil {
		return nil, errors.New("sqlstore: no database")
	}
	if err := dialect.check(o.Table); err != nil {
		return nil, err
	}
	if err := dialect.checkDriver(db); err != nil {
		return nil, err
	}
	return &Store{db: db, dialect: dialect, table: o.Table, timeout: o.Timeout, sql: dialect.statements(o.Table)}, nil
}

// Get returns the value under key.
func (s *Store) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	var value, version []byte
	if err := s.query(ctx, failure.Get, s.sql.get, key, &value, &version); err != nil {
		return nil, session.Version{}, err
	}
	return notNull(value), versionOf(version), nil // a driver may have no empty slice
}

// Add stores value under a key that has none.
func (s *Store) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	res, err := s.exec(ctx, failure.Add, s.sql.add, []byte(key), notNull(value), newVersion(), s.microseconds(ttl))
	if err != nil {
		return err
	}
	added, err := s.dialect.added(res)
	switch {
	case err != nil:
		return s.failure(failure.Add, fault{unknown, reasonReply}, err)
	case !added:
		return session.ErrExists
	}
	return nil
}

// added reads the answer to an Add.
func (d Dialect) added(res sql.Result) (bool, error) {
	if d == MySQL {
		refused, err := res.LastInsertId()
		return refused == 0, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// Swap replaces the value of version v.
func (s *Store) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	n, err := s.update(ctx, failure.Swap, s.sql.swap,
		notNull(value), newVersion(), s.microseconds(ttl), []byte(key), appendVersion(nil, v))
	if err != nil || n > 0 {
		return err
	}
	var one int
	if err := s.query(ctx, verbAsk, s.sql.alive, key, &one); err != nil {
		return err
	}
	return session.ErrStale
}

// Touch sets the time that the record under key has left. It keeps the version.
func (s *Store) Touch(ctx context.Context, key string, ttl time.Duration) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	n, err := s.update(ctx, failure.Touch, s.sql.touch, s.microseconds(ttl), []byte(key))
	if err == nil && n == 0 {
		return session.ErrNotFound
	}
	return err
}

// Delete removes the record under key.
func (s *Store) Delete(ctx context.Context, key string) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	_, err := s.exec(ctx, failure.Delete, s.sql.delete, []byte(key))
	return err
}

// Ping is for health checks. It deletes a record that nobody can have, which fails where the table is missing,
// where the user has no right to write, on a server that is read only, and on a database of another dialect.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	_, err := s.exec(ctx, failure.Ping, s.sql.ping, []byte{})
	return err
}

// Nodes tells of the database, and of the connections to it that are open.
func (s *Store) Nodes(ctx context.Context) []session.Node {
	n := session.Pinged(ctx, fmt.Sprintf("%v, table %s", s.dialect, s.table), s.Ping)
	stats := s.db.Stats()
	n.Detail = fmt.Sprintf("%d connections, %d of them in use", stats.OpenConnections, stats.InUse)
	return []session.Node{n}
}

// microseconds is a ttl as the table counts it: rounded up, never 0, and by a tick of the database's clock longer,
// which cuts the time to which it is added.
func (s *Store) microseconds(ttl time.Duration) int64 {
	us := ttl.Microseconds()
	if ttl%time.Microsecond > 0 {
		us++
	}
	return max(us, 1) + s.dialect.tick()
}

// versionSize is that of the name that each write gets. Neither another write of the same bytes nor a record that
// was deleted and added again has the same.
const versionSize = 16

func newVersion() []byte {
	v := make([]byte, versionSize)
	_, _ = rand.Read(v) // never fails: see crypto/rand
	return v
}

// versionOf reads a version. One of another length belongs to no record of this package, as the caller finds when it
// opens the value.
func versionOf(b []byte) session.Version {
	var v [versionSize]byte
	copy(v[:], b)
	return session.Version{binary.BigEndian.Uint64(v[:]), binary.BigEndian.Uint64(v[8:])}
}

func appendVersion(b []byte, v session.Version) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, v[0]), v[1])
}

// notNull keeps a nil slice from being NULL.
func notNull(value []byte) []byte {
	if value == nil {
		return []byte{}
	}
	return value
}
