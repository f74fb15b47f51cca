//go:build unix

package sqltest

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/store/sqlstore"
)

// patient is a time in which a call ends on every machine.
const patient = 30 * time.Second

// A database is what all tests of a dialect share: a server, or a file.
type database struct {
	dialect sqlstore.Dialect
	server  *servertest.Server // nil for SQLite
	file    string             // of SQLite
}

func newPostgres(t testing.TB) *database {
	t.Helper()
	server := servertest.Postgres(t,
		"-c", "timezone=America/New_York", "-c", "max_connections=100", "-c", "deadlock_timeout=50ms")
	return &database{dialect: sqlstore.Postgres, server: server}
}

func newMariaDB(t testing.TB) *database {
	t.Helper()
	server := servertest.MariaDB(t, "--default-time-zone=-05:00", "--max-connections=100")
	return &database{dialect: sqlstore.MySQL, server: server}
}

func newSQLite(t testing.TB) *database {
	t.Helper()
	return &database{dialect: sqlstore.SQLite, file: filepath.Join(t.TempDir(), "sessions.db")}
}

// source is a data source's name for a user; options come as the driver has them ("clientFoundRows=true").
func (d *database) source(user string, options ...string) string {
	if d.dialect != sqlstore.SQLite {
		return sourceAt(d.dialect, d.server.Addr(), user, options...)
	}
	if len(options) == 0 {
		options = []string{"_pragma=busy_timeout(1000)", "_pragma=journal_mode(WAL)", "_pragma=synchronous(NORMAL)"}
	}
	return "file:" + (&url.URL{Path: d.file}).String() + "?" + strings.Join(options, "&")
}

// sourceAt is a data source's name for a server at an address, or for what else is there.
func sourceAt(dialect sqlstore.Dialect, addr, user string, options ...string) string {
	format := "%s:%s@tcp(%s)/%s?%s"
	if dialect == sqlstore.Postgres {
		format = "postgres://%s:%s@%s/%s?%s"
	}
	return fmt.Sprintf(format, user, servertest.Password, addr, servertest.Site, strings.Join(options, "&"))
}

func driverOf(d sqlstore.Dialect) string {
	return map[sqlstore.Dialect]string{sqlstore.Postgres: "pgx", sqlstore.MySQL: "mysql", sqlstore.SQLite: "sqlite"}[d]
}

// open is one more process's pool.
func (d *database) open(t testing.TB, options ...string) *sql.DB {
	t.Helper()
	return openSource(t, d.dialect, d.source(servertest.Site, options...))
}

// admin is the administrator's pool.
func (d *database) admin(t testing.TB) *sql.DB {
	t.Helper()
	return openSource(t, d.dialect, d.source(servertest.Admin))
}

func openSource(t testing.TB, d sqlstore.Dialect, source string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driverOf(d), source)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(20)
	db.SetMaxIdleConns(20)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// store is one more process's store, on a pool of its own, with a table.
func (d *database) store(t testing.TB, options ...string) *sqlstore.Store {
	t.Helper()
	return newStore(t, d.open(t, options...), d.dialect, sqlstore.Options{Timeout: patient})
}

func newStore(t testing.TB, db *sql.DB, dialect sqlstore.Dialect, o sqlstore.Options) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.NewWithOptions(db, dialect, o)
	if err == nil {
		err = s.CreateTable(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// An execer is a database or a transaction.
type execer interface {
	Exec(statement string, args ...any) (sql.Result, error)
}

// exec runs a statement that is not under test.
func exec(t testing.TB, db execer, statement string, args ...any) {
	t.Helper()
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
