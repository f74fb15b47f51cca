package sqlstore

import (
	"fmt"
	"strings"
)

// A Dialect says which database it is.
type Dialect int

const (
	Postgres Dialect = iota + 1 // PostgreSQL 9.5 and later, and databases that are compatible with it
	MySQL                       // MySQL 5.7 and later, MariaDB 10.2 and later; InnoDB
	SQLite                      // SQLite 3.24 and later
)

func (d Dialect) String() string {
	switch d {
	case Postgres:
		return "Postgres"
	case MySQL:
		return "MySQL"
	case SQLite:
		return "SQLite"
	}
	return fmt.Sprintf("Dialect(%d)", int(d))
}

// now is the database's own time in microseconds since 1970, a number that no time zone of a session and no setting
// of a driver bends.
func (d Dialect) now() string {
	switch d {
	case Postgres:
		// Not now(), which stands still while the statement waits for a row: the record may expire meanwhile.
		return "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
	case MySQL:
		// UNIX_TIMESTAMP goes by way of the session's time zone, where an hour of each autumn comes twice. SYSDATE,
		// which does not stand still, is none that a statement-based binary log can repeat.
		return "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))"
	default:
		return "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000"
	}
}

// tick is the step of that clock in microseconds. A time that was cut to it is at most so much too early.
func (d Dialect) tick() int64 {
	if d == SQLite {
		return 1000
	}
	return 1
}

// batch is how many records Purge deletes with one statement.
const batch = 200

// statements are the texts of all that is ever asked.
type statements struct {
	get, add, swap, touch, delete string

	ping    string // removes a record that nobody can have; by the clock, whose text is each dialect's own
	alive   string // whether there is a record
	expired string // keys of a batch of records that have expired
	purge   string // the end of a batch
}

// Args of swap: value, version, microseconds, key, version. Of add: key, value, version, microseconds.
func (d Dialect) statements(table string) statements {
	text := func(s string) string { return d.text(table, s) }
	st := statements{
		get: text("SELECT value, version FROM {table} WHERE session_key = ? AND expires > {now}"),
		add: text("INSERT INTO {table} (session_key, value, version, expires) VALUES (?, ?, ?, {now} + ?)" +
			" ON CONFLICT (session_key) DO UPDATE SET value = excluded.value, version = excluded.version, expires = excluded.expires" +
			" WHERE {table}.expires <= {now}"),
		swap: text("UPDATE {table} SET value = ?, version = ?, expires = {now} + ?" +
			" WHERE session_key = ? AND version = ? AND expires > {now}"),
		touch:  text("UPDATE {table} SET expires = {now} + ? WHERE session_key = ? AND expires > {now}"),
		delete: text("DELETE FROM {table} WHERE session_key = ?"),

		ping:  text("DELETE FROM {table} WHERE session_key = ? AND expires <= {now}"),
		alive: text("SELECT 1 FROM {table} WHERE session_key = ? AND expires > {now}"),
		// Each batch begins where the last one ended: rows that have just been deleted stay in an index for a
		// while. The time is a subquery so that PostgreSQL, whose clock does not stand still, asks for it once and
		// can use the index.
		expired: text("SELECT session_key, expires FROM {table} WHERE expires >= ? AND expires <= (SELECT {now}) ORDER BY expires LIMIT ") +
			fmt.Sprint(batch),
		purge: text("DELETE FROM {table} WHERE session_key IN ({batch}) AND expires <= {now}"),
	}
	if d == MySQL {
		// MySQL assigns from left to right: were expires assigned earlier, the next IF would see the new value.
		// Its count of affected rows depends on the connection, so a refusal is told by LAST_INSERT_ID, which
		// is 0 in the answer unless the statement has set it.
		st.add = text("INSERT INTO {table} (session_key, value, version, expires) VALUES (?, ?, ?, {now} + ?)" +
			" ON DUPLICATE KEY UPDATE value = IF(expires <= {now}, VALUES(value), value)," +
			" version = IF(expires <= {now}, VALUES(version), version)," +
			" expires = IF(expires <= {now}, VALUES(expires), expires + 0 * LAST_INSERT_ID(1))")
		// The same expiry twice would be no change, and so, to some connections, no affected row.
		st.touch = text("UPDATE {table} SET expires = expires + COALESCE(NULLIF({now} + ? - expires, 0), 1)" +
			" WHERE session_key = ? AND expires > {now}")
		// Without the hint a small table is read from end to end, which locks every row of it.
		st.purge = text("DELETE {table} FROM {table} FORCE INDEX (PRIMARY) WHERE session_key IN ({batch}) AND expires <= {now}")
	}
	return st
}

// text fills a statement in.
func (d Dialect) text(table, s string) string {
	s = strings.NewReplacer("{table}", table, "{now}", d.now(), "{batch}", strings.Repeat("?, ", batch-1)+"?").Replace(s)
	if d != Postgres {
		return s
	}
	parts := strings.Split(s, "?")
	var b strings.Builder
	for i, part := range parts[:len(parts)-1] {
		fmt.Fprintf(&b, "%s$%d", part, i+1)
	}
	return b.String() + parts[len(parts)-1]
}
