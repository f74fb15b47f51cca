package peer

import (
	"context"
	"database/sql"

	"github.com/alexedwards/scs/postgresstore"
	"github.com/alexedwards/scs/sqlite3store"
	"github.com/alexedwards/scs/v2"

	"github.com/sessiongen/sessiongen/runtime/store/sqlstore"
)

// OursOnSQL returns sessiongen in a table of a database.
func OursOnSQL(db *sql.DB, dialect sqlstore.Dialect, shape Shape) ([]Contender, error) {
	store, err := sqlstore.NewWithOptions(db, dialect, sqlstore.Options{Table: "ours", Timeout: clientTime})
	if err == nil {
		err = store.CreateTable(context.Background())
	}
	if err != nil {
		return nil, err
	}
	return OursIn(store, shape)
}

// SCSOn returns scs in a table of a database, as the README of its store has it.
func SCSOn(db *sql.DB, dialect sqlstore.Dialect, shape Shape) (Contender, error) {
	var store scs.Store = sqlite3store.NewWithCleanupInterval(db, 0)
	statements := []string{
		"CREATE TABLE IF NOT EXISTS sessions (token TEXT PRIMARY KEY, data BLOB NOT NULL, expiry REAL NOT NULL)",
		"CREATE INDEX IF NOT EXISTS sessions_expiry_idx ON sessions(expiry)",
	}
	if dialect == sqlstore.Postgres {
		store = postgresstore.NewWithCleanupInterval(db, 0)
		statements[0] = "CREATE TABLE IF NOT EXISTS sessions" +
			" (token TEXT PRIMARY KEY, data BYTEA NOT NULL, expiry TIMESTAMPTZ NOT NULL)"
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			return Contender{}, err
		}
	}
	return scsIn("scs, its store", store, shape, false), nil
}
