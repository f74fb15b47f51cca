//go:build unix

package sqltest

import (
	"database/sql"
	"database/sql/driver"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/runtime/store/sqlstore"
)

// sources have what a driver needs to be opened: nobody asks it for a connection.
var sources = map[string]struct {
	source  string
	dialect sqlstore.Dialect
}{
	"pgx":    {"postgres://127.0.0.1/site", sqlstore.Postgres},
	"mysql":  {"site@tcp(127.0.0.1)/site", sqlstore.MySQL},
	"sqlite": {"file:sessions.db", sqlstore.SQLite},
}

func TestTheDialectIsThatOfTheDriver(t *testing.T) {
	for name, its := range sources {
		db, err := sql.Open(name, its.source)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for _, d := range []sqlstore.Dialect{sqlstore.Postgres, sqlstore.MySQL, sqlstore.SQLite} {
			_, err := sqlstore.New(db, d)
			if (err == nil) != (d == its.dialect) || err != nil && !strings.Contains(err.Error(), "its dialect is "+its.dialect.String()+", not "+d.String()) {
				t.Errorf("%s, %v: %v", name, d, err)
			}
		}
	}
}

// veiled is a driver of which nobody knows what it speaks.
type veiled struct{ driver.Driver }

func TestPingFindsAnotherDialectBehindAnyDriver(t *testing.T) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "sessions.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	own, err := sqlstore.New(db, sqlstore.SQLite)
	if err == nil {
		err = own.CreateTable(t.Context())
	}
	if err == nil {
		err = own.Ping(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	var file string
	if err := db.QueryRow("SELECT file FROM pragma_database_list").Scan(&file); err != nil {
		t.Fatal(err)
	}
	for _, d := range []sqlstore.Dialect{sqlstore.Postgres, sqlstore.MySQL} {
		other := sql.OpenDB(&recorder{driver: veiled{db.Driver()}, source: "file:" + file})
		defer other.Close()
		s, err := sqlstore.New(other, d)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "answers as SQLite does") {
			t.Errorf("%v: %v", d, err)
		}
	}
}
