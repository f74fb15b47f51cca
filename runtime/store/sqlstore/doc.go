// Package sqlstore keeps sessions in a table of a SQL database, through database/sql: PostgreSQL, MySQL and
// MariaDB, SQLite. It is for sites that have a database already and want no other server.
//
// The package imports no driver. The site opens its database with the one that it likes, says which dialect it is,
// and keeps the *sql.DB; it may be the one with its other tables. Tested are github.com/jackc/pgx/v5/stdlib
// (github.com/lib/pq tells its errors in the same way), github.com/go-sql-driver/mysql and modernc.org/sqlite.
//
//	db, err := sql.Open("pgx", "postgres://shop:…@db.internal/shop")
//	store, err := sqlstore.New(db, sqlstore.Postgres)
//	err = store.CreateTable(ctx)              // or the text of sqlstore.Postgres.DDL("") in a migration
//	sessions, err := web.NewSessions(store, session.Config{…})
//
// A session is one row: its key, the record, 16 random bytes that name the write, and when it expires. Each call is
// one statement, which is a transaction of its own; a refused Swap asks once more why. A row that has expired is no
// record for any call, whether it is still there or not. The database's clock alone decides on that, in UTC.
//
// # What need not be set
//
// No time zone of the server or the connection, no isolation level and none of the options parseTime, loc,
// clientFoundRows and interpolateParams means anything to the store. Serialization failures and deadlocks are what
// they should be, a conflict with somebody else's write: a Swap says session.ErrStale, and the Manager merges;
// other calls are repeated. Autocommit must be on, as it is everywhere unless somebody has switched it off.
//
// # What should be set
//
//   - The pool: SetMaxOpenConns to what the server can bear, and SetMaxIdleConns to the same. database/sql keeps 2 idle
//     connections otherwise, and a busy site opens new ones all the time. SetConnMaxLifetime to some minutes, so that
//     connections move on after a failover.
//   - PostgreSQL with replicas: all hosts in the data source's name, and target_session_attrs=read-write. A connection
//     on which a write was refused because the server is read only is not used again.
//   - MySQL and MariaDB: interpolateParams=true, which saves a round trip for each call.
//   - SQLite: one file on a local disk, with _pragma=busy_timeout(…), journal_mode(WAL) and synchronous(NORMAL). A site
//     on one machine that has no database needs none for its sessions: see package file. A database in memory is one
//     connection's: SetMaxOpenConns(1).
//
// Reads must go to the primary, as writes do. A replica's record may be older than the one that a visitor has seen,
// and a session that has ended may still be in it.
//
// # Rows that have expired
//
// They stay until somebody deletes them: Purge, called every few minutes by a ticker of the site's own (see its
// example), or a job of the database. Every process may do it, or one.
//
// # What is not lost
//
// A save that was acknowledged is as durable as the database makes a commit: after a failover to a replica that
// follows asynchronously the last moments may be missing. Then a session is as it was moments before, one that was
// created in them is gone, and one that was destroyed in them is back until it expires. While the database is down,
// sessions are unavailable, which is never a logout.
package sqlstore
