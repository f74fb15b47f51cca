package sqlstore

import (
	"database/sql"
	"errors"
	"fmt"
	"reflect"
)

// drivers are the packages of well-known drivers, and what they speak. Of any other, and of one that stands around one of
// these, only the first answer tells: see speaker.
var drivers = map[string]Dialect{
	"github.com/jackc/pgx/v4/stdlib": Postgres,
	"github.com/jackc/pgx/v5/stdlib": Postgres,
	"github.com/lib/pq":              Postgres,

	"github.com/go-sql-driver/mysql": MySQL,

	"github.com/mattn/go-sqlite3": SQLite,
	"modernc.org/sqlite":          SQLite,
}

// checkDriver returns an error if the database has been opened with a driver of another dialect.
func (d Dialect) checkDriver(db *sql.DB) error {
	t := reflect.TypeOf(db.Driver())
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || drivers[t.PkgPath()] == 0 || drivers[t.PkgPath()] == d {
		return nil
	}
	return fmt.Errorf("sqlstore: the database is opened with %s: its dialect is %v, not %v", t.PkgPath(), drivers[t.PkgPath()], d)
}

// speaker is the dialect in whose manner alone an error tells its code, or 0.
func speaker(err error) Dialect {
	if _, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err); ok {
		return Postgres
	}
	if _, ok := errors.AsType[interface {
		error
		Code() int
	}](err); ok {
		return SQLite
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if v := reflect.Indirect(reflect.ValueOf(err)); v.Kind() == reflect.Struct {
			if n := v.FieldByName("Number"); n.IsValid() && (n.CanInt() || n.CanUint()) {
				return MySQL
			}
		}
	}
	return 0
}
