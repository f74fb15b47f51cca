//go:build unix

package sqltest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/sqlstore"
)

// A recorder is a driver that remembers what it is asked.
type recorder struct {
	driver driver.Driver
	source string

	mu   sync.Mutex
	said []statement
}

type statement struct {
	text string
	args []any
}

func (r *recorder) Driver() driver.Driver { return r.driver }

func (r *recorder) Connect(context.Context) (driver.Conn, error) {
	conn, err := r.driver.Open(r.source)
	if err != nil {
		return nil, err
	}
	return &recordedConn{conn, r}, nil
}

func (r *recorder) record(text string, args []driver.NamedValue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := statement{text: text}
	for _, arg := range args {
		s.args = append(s.args, arg.Value)
	}
	r.said = append(r.said, s)
}

func (r *recorder) take() []statement {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() { r.said = nil }()
	return r.said
}

type recordedConn struct {
	driver.Conn
	recorder *recorder
}

func (c *recordedConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	c.recorder.record(text, args)
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, text, args)
}

func (c *recordedConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	c.recorder.record(text, args)
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, text, args)
}

// recorded is a store whose statements are recorded.
func (d *database) recorded(t *testing.T) (*sqlstore.Store, *recorder) {
	t.Helper()
	return d.recordedAs(t, servertest.Site)
}

func (d *database) recordedAs(t *testing.T, user string, options ...string) (*sqlstore.Store, *recorder) {
	t.Helper()
	r := &recorder{driver: d.open(t).Driver(), source: d.source(user, options...)}
	db := sql.OpenDB(r)
	t.Cleanup(func() { _ = db.Close() })
	s := newStore(t, db, d.dialect, sqlstore.Options{Timeout: patient})
	r.take()
	return s, r
}

// statements tests what is asked of the database.
func statements() []test {
	return []test{
		{name: "a call that succeeds is one statement, a refused Swap two", run: func(t *testing.T, d *database) {
			eachCall(t, d, func(string, []statement) {})
		}},
		{name: "each statement finds its rows by an index", run: func(t *testing.T, d *database) {
			db := d.open(t)
			s := d.store(t)
			fill(t, d, 20_000)
			t.Cleanup(func() { purge(t, s) })
			exec(t, db, map[sqlstore.Dialect]string{
				sqlstore.Postgres: "ANALYZE sessions", sqlstore.MySQL: "ANALYZE TABLE sessions", sqlstore.SQLite: "ANALYZE",
			}[d.dialect])
			eachCall(t, d, func(call string, said []statement) {
				for _, one := range said {
					if plan, ok := indexed(t, db, d.dialect, one); !ok {
						t.Errorf("%s: %s: %s", call, one.text, plan)
					}
				}
			})
		}},
	}
}

// eachCall makes each call once and hands over what it asked.
func eachCall(t *testing.T, d *database, check func(call string, said []statement)) {
	t.Helper()
	s, r := d.recorded(t)
	ctx, key := t.Context(), newKey()
	var v session.Version
	for _, c := range []struct {
		name       string
		statements int
		want       error
		call       func() error
	}{
		{"Add", 1, nil, func() error { return s.Add(ctx, key, []byte("one"), time.Hour) }},
		{"Add refused", 1, session.ErrExists, func() error { return s.Add(ctx, key, []byte("one"), time.Hour) }},
		{"Get", 1, nil, func() (err error) { _, v, err = s.Get(ctx, key); return err }},
		{"Swap", 1, nil, func() error { return s.Swap(ctx, key, []byte("two"), v, time.Hour) }},
		{"Swap refused", 2, session.ErrStale, func() error { return s.Swap(ctx, key, []byte("three"), v, time.Hour) }},
		{"Touch", 1, nil, func() error { return s.Touch(ctx, key, time.Nanosecond) }},
		{"Add over an expired one", 1, nil, func() error { return s.Add(ctx, key, []byte("four"), time.Nanosecond) }},
		{"Purge", 2, nil, func() error { return s.Purge(ctx) }},
		{"Delete", 1, nil, func() error { return s.Delete(ctx, key) }},
		{"Touch refused", 1, session.ErrNotFound, func() error { return s.Touch(ctx, key, time.Hour) }},
		{"Ping", 1, nil, func() error { return s.Ping(ctx) }},
	} {
		if c.name == "Add over an expired one" || c.name == "Purge" {
			servertest.Eventually(t, "the end of the record", func() bool { _, _, err := s.Get(ctx, key); return err != nil })
			r.take()
		}
		if err := c.call(); err != c.want {
			t.Fatalf("%s: %v, want %v", c.name, err, c.want)
		}
		said := r.take()
		if c.name != "Purge" && len(said) != c.statements || len(said) < c.statements {
			t.Errorf("%s: %d statements: %v", c.name, len(said), said)
		}
		check(c.name, said[:c.statements])
	}
}

// indexed returns the plan of a statement and whether it reads no table from end to end.
func indexed(t *testing.T, db *sql.DB, d sqlstore.Dialect, s statement) (plan string, ok bool) {
	t.Helper()
	explain := "EXPLAIN "
	if d == sqlstore.SQLite {
		explain = "EXPLAIN QUERY PLAN "
	}
	rows, err := db.Query(explain+s.text, s.args...)
	if err != nil {
		t.Fatalf("%s: %v", s.text, err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	insert := strings.HasPrefix(s.text, "INSERT") // looks its key up in the primary key in any case
	ok = true
	for rows.Next() {
		fields := make([]sql.NullString, len(columns))
		dest := make([]any, len(columns))
		for i := range fields {
			dest[i] = &fields[i]
		}
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		for i, f := range fields {
			plan += fmt.Sprintf("%s: %s; ", columns[i], f.String)
		}
		switch d {
		case sqlstore.MySQL:
			// Without a table there is no row left to read, which the optimizer has found by the index.
			table, key := fields[slices.Index(columns, "table")], fields[slices.Index(columns, "key")]
			kind := fields[slices.Index(columns, "type")].String
			ok = ok && (insert || !table.Valid || key.Valid && kind != "ALL" && kind != "index")
		case sqlstore.SQLite:
			ok = ok && !strings.Contains(plan, "SCAN sessions")
		}
	}
	if d == sqlstore.Postgres {
		ok = !strings.Contains(plan, "Seq Scan") && (insert || strings.Contains(plan, "Index"))
	}
	return plan, ok && (plan != "" || insert)
}
