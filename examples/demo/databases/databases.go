// Package databases opens PostgreSQL, MySQL, MariaDB and SQLite for the examples. It is a module of its own, so that
// sessiongen's users depend on no driver.
package databases

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/sessiongen/sessiongen/examples/demo"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/sqlstore"
)

// All are the stores by the schemes of their URLs.
func All() map[string]demo.Open {
	postgres := opener(sqlstore.Postgres, func(u *url.URL) (*sql.DB, error) { return sql.Open("pgx", u.String()) })
	return map[string]demo.Open{
		"postgres":   postgres,
		"postgresql": postgres,
		"mysql":      opener(sqlstore.MySQL, openMySQL),
		"sqlite":     opener(sqlstore.SQLite, openSQLite),
	}
}

func openMySQL(u *url.URL) (*sql.DB, error) {
	address := net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "3306"))
	cfg, err := mysql.ParseDSN("tcp(" + address + ")" + u.Path + "?" + u.RawQuery)
	if err != nil {
		return nil, err
	}
	cfg.User = u.User.Username()
	cfg.Passwd, _ = u.User.Password()
	cfg.InterpolateParams = true // saves a round trip for each call
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// openSQLite opens the file of sqlite:name or sqlite:///path/name.
func openSQLite(u *url.URL) (*sql.DB, error) {
	path := url.URL{Path: u.Opaque + u.Host + u.Path}
	if path.Path == "" || path.Path == ":memory:" {
		return nil, errors.New("wants a file, as sqlite:sessions.sqlite: without one each connection has tables of its own")
	}
	return sql.Open("sqlite",
		"file:"+path.EscapedPath()+"?_pragma=busy_timeout(1000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)")
}

// A database is a store with the pool that it is on.
type database struct {
	*sqlstore.Store
	db   *sql.DB
	done chan struct{}
}

// opener opens a database, creates the table and purges it from time to time.
func opener(dialect sqlstore.Dialect, open func(*url.URL) (*sql.DB, error)) demo.Open {
	return func(u *url.URL) (session.Store, string, error) {
		db, err := open(u)
		if err != nil {
			return nil, "", err
		}
		db.SetMaxOpenConns(20)
		db.SetMaxIdleConns(20)
		db.SetConnMaxLifetime(5 * time.Minute)
		store, err := sqlstore.New(db, dialect)
		if err == nil {
			err = store.CreateTable(context.Background())
		}
		if err != nil {
			_ = db.Close()
			return nil, "", err
		}
		d := &database{store, db, make(chan struct{})}
		go d.purge()
		return d, "in the table " + sqlstore.DefaultTable + " of " + strings.TrimSuffix(u.Redacted(), "?"), nil
	}
}

func (d *database) purge() {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := d.Purge(context.Background()); err != nil {
				slog.Warn("purge", "error", err)
			}
		case <-d.done:
			return
		}
	}
}

func (d *database) Close() error {
	close(d.done)
	return d.db.Close()
}
