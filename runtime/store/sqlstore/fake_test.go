package sqlstore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/sessiongen/sessiongen/runtime/store/sqlstore"
)

// fake is a database that says what a test tells it to say.
type fake struct {
	connect func() error                                       // nil: there is a connection
	answer  func(ctx context.Context, statement string) answer // nil: one row, of which each statement is right

	mu         sync.Mutex
	statements []string
	open       int // connections
	opened     int // since the beginning
}

// An answer is what the database says to one statement.
type answer struct {
	affected, inserted int64
	row                bool
	err                error
}

func (f *fake) Connect(context.Context) (driver.Conn, error) {
	if f.connect != nil {
		if err := f.connect(); err != nil {
			return nil, err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open++
	f.opened++
	return &fakeConn{f}, nil
}

func (f *fake) Driver() driver.Driver { return nil }

// asked returns the first word of each statement so far.
func (f *fake) asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	words := make([]string, len(f.statements))
	for i, s := range f.statements {
		words[i], _, _ = strings.Cut(s, " ")
	}
	return words
}

func (f *fake) say(ctx context.Context, statement string) answer {
	f.mu.Lock()
	f.statements = append(f.statements, statement)
	f.mu.Unlock()
	if f.answer == nil {
		return answer{affected: 1, row: true}
	}
	return f.answer(ctx, statement)
}

// fails makes every statement fail.
func fails(err error) func(context.Context, string) answer {
	return func(context.Context, string) answer { return answer{err: err} }
}

type fakeConn struct{ *fake }

func (c *fakeConn) ExecContext(ctx context.Context, statement string, _ []driver.NamedValue) (driver.Result, error) {
	a := c.say(ctx, statement)
	return a, a.err
}

func (c *fakeConn) QueryContext(ctx context.Context, statement string, _ []driver.NamedValue) (driver.Rows, error) {
	a := c.say(ctx, statement)
	return &fakeRows{strings.Count(statement[:strings.Index(statement, "FROM")], ",") + 1, a.row}, a.err
}

func (c *fakeConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	return nil
}

func (c *fakeConn) Prepare(string) (driver.Stmt, error) { return nil, errors.New("not asked for") }
func (c *fakeConn) Begin() (driver.Tx, error)           { return nil, errors.New("not asked for") }

func (a answer) RowsAffected() (int64, error) { return a.affected, nil }
func (a answer) LastInsertId() (int64, error) { return a.inserted, nil }

type fakeRows struct {
	columns int
	left    bool
}

func (r *fakeRows) Columns() []string { return make([]string, r.columns) }
func (r *fakeRows) Close() error      { return nil }
func (r *fakeRows) Next(dest []driver.Value) error {
	if !r.left {
		return io.EOF
	}
	r.left = false
	for i := range dest {
		dest[i] = []byte("1234567890123456")
	}
	if r.columns == 1 {
		dest[0] = int64(1)
	}
	return nil
}

func (f *fake) store(t testing.TB, d sqlstore.Dialect) *sqlstore.Store {
	t.Helper()
	db := sql.OpenDB(f)
	db.SetMaxIdleConns(100)
	t.Cleanup(func() { _ = db.Close() })
	s, err := sqlstore.New(db, d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
