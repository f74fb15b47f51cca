//go:build unix

package sqltest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/sqlstore"
)

const batch = 200 // records that Purge deletes with one statement

// locks tests what a call does about somebody who holds the row that it wants.
func locks() []test {
	return []test{
		{name: "a call whose connection is killed while it waits", on: servers, run: killed},
		{name: "a Purge that is chosen to end a deadlock is repeated", on: servers, run: deadlocked},
		{
			name: "a Swap that is chosen to end a deadlock is stale", on: []sqlstore.Dialect{sqlstore.MySQL},
			run: deadlockedSwap,
		},
		{
			name: "a Swap that cannot be serialized is stale, a Touch is repeated", on: []sqlstore.Dialect{sqlstore.Postgres},
			run: unserializable,
		},
		{name: "a database that is busy is waited for", on: []sqlstore.Dialect{sqlstore.SQLite}, run: busy},
	}
}

// held is a transaction that has written a record's row, and has not ended.
func held(t *testing.T, d *database, key string) *sql.Tx {
	t.Helper()
	tx, err := d.open(t).Begin()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	exec(t, tx, d.text("UPDATE sessions SET expires = expires + 1 WHERE session_key = ?"), []byte(key))
	return tx
}

// text is a statement with one parameter as the dialect has it.
func (d *database) text(statement string) string {
	if d.dialect == sqlstore.Postgres {
		return strings.Replace(statement, "?", "$1", 1)
	}
	return statement
}

// waiting returns the ids of the connections that wait for a row.
func waiting(t *testing.T, admin *sql.DB, d sqlstore.Dialect) (ids []int) {
	t.Helper()
	rows, err := admin.Query(map[sqlstore.Dialect]string{
		// For somebody's row: autovacuum locks whole tables, those of the catalog among them.
		sqlstore.Postgres: "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event IN" +
			" ('transactionid', 'tuple')",
		// Not information_schema.innodb_trx, which who asks often sees as it was.
		sqlstore.MySQL: "SELECT id FROM information_schema.processlist WHERE user = 'site' AND command <> 'Sleep' AND (SELECT" +
			" variable_value FROM information_schema.global_status WHERE variable_name = 'INNODB_ROW_LOCK_CURRENT_WAITS') > 0",
	}[d])
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// whileLocked starts a call that has to wait for the row of tx, and returns once it does so.
func whileLocked(t *testing.T, admin *sql.DB, d sqlstore.Dialect, call func() error) (result chan error, id int) {
	t.Helper()
	result = make(chan error, 1)
	go func() { result <- call() }()
	servertest.Eventually(t, "a call that waits", func() bool {
		ids := waiting(t, admin, d)
		if len(ids) > 0 {
			id = ids[0]
		}
		return id != 0
	})
	return result, id
}

// newRecord adds a record and returns its key and version.
func newRecord(t *testing.T, s *sqlstore.Store) (string, session.Version) {
	t.Helper()
	key := newKey()
	if err := s.Add(t.Context(), key, []byte("one"), time.Hour); err != nil {
		t.Fatal(err)
	}
	_, v, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return key, v
}

func killed(t *testing.T, d *database) {
	kill := map[sqlstore.Dialect]string{
		sqlstore.Postgres: "SELECT pg_terminate_backend($1)", sqlstore.MySQL: "KILL ?",
	}[d.dialect]
	s, admin := d.store(t), d.admin(t)
	ctx := context.Background()
	key, v := newRecord(t, s)
	for _, c := range []struct {
		name       string
		repeatable bool
		call       func() error
	}{
		{"Swap", false, func() error { return s.Swap(ctx, key, []byte("two"), v, time.Hour) }},
		{"Add", false, func() error { return s.Add(ctx, key, []byte("two"), time.Hour) }},
		{"Touch", true, func() error { return s.Touch(ctx, key, 2*time.Hour) }},
		{"Delete", true, func() error { return s.Delete(ctx, key) }},
	} {
		tx := held(t, d, key)
		result, id := whileLocked(t, admin, d.dialect, c.call)
		exec(t, admin, kill, id)
		if c.repeatable {
			servertest.Eventually(t, "another try", func() bool { ids := waiting(t, admin, d.dialect); return len(ids) > 0 && ids[0] != id })
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
			if err := <-result; err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if err := <-result; outcomeOf(err) != unknown {
			t.Errorf("%s: %v, want that nobody knows", c.name, err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if _, now, err := s.Get(ctx, key); err != nil || now != v {
			t.Errorf("after %s: version %v and %v, want %v", c.name, now, err, v)
		}
	}
}

// deadlocked lets a Purge wait for a transaction that then waits for it. MariaDB ends the one that has done less,
// PostgreSQL the one that is the first to look, deadlock_timeout after it began to wait.
func deadlocked(t *testing.T, d *database) {
	s, asked := d.recorded(t)
	order := "session_key" // in which Purge deletes a batch, or in PostgreSQL, by the plan, in that of the table
	if d.dialect == sqlstore.Postgres {
		s, asked = d.recordedAs(t, servertest.Admin, "deadlock_timeout=5s") // time enough on every machine
		order = "ctid"
	}
	admin, db := d.admin(t), d.open(t)
	const rows = 5 * batch
	fill(t, d, rows)
	var keys [][]byte
	found, err := db.Query("SELECT session_key FROM sessions WHERE expires < 2 ORDER BY " + order)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		var key []byte
		if err := found.Scan(&key); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	tx := heavy(t, d, admin)
	write := d.text("UPDATE sessions SET value = version WHERE session_key = ?")
	exec(t, tx, write, slices.MaxFunc(keys[len(keys)-2:], bytes.Compare)) // the first in neither order
	result, _ := whileLocked(t, admin, d.dialect, func() error { return s.Purge(context.Background()) })
	for _, key := range keys { // of which one ends the Purge's try
		exec(t, tx, write, key)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-result; err != nil {
		t.Errorf("Purge: %v", err)
	}
	if n := countRows(t, db, "expires < 1000"); n != 0 {
		t.Errorf("%d are left", n)
	}
	deletes := 0
	for _, one := range asked.take() {
		if strings.HasPrefix(one.text, "DELETE") {
			deletes++
		}
	}
	if deletes <= rows/batch { // on a slow machine the next try may meet the transaction, too
		t.Errorf("%d statements deleted, want one for each batch and one again", deletes)
	}
}

// heavy begins a transaction that is not the one that ends a deadlock.
func heavy(t *testing.T, d *database, admin *sql.DB) *sql.Tx {
	t.Helper()
	const later = 1 << 60
	t.Cleanup(func() { exec(t, d.open(t), d.text("DELETE FROM sessions WHERE expires >= ?"), later) })
	tx, err := admin.Begin()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	if d.dialect == sqlstore.Postgres {
		exec(t, tx, "SET LOCAL deadlock_timeout = '1min'")
		return tx
	}
	insert(t, tx, d.dialect, 3000, later)
	return tx
}

// deadlockedSwap lets a Swap, which has changed its row, wait for the row's place in the index, which a transaction has
// read that then wants the row.
func deadlockedSwap(t *testing.T, d *database) {
	s, admin := d.store(t), d.admin(t)
	key, v := newRecord(t, s)
	tx := heavy(t, d, admin)
	var expires int64
	if err := tx.QueryRow("SELECT expires FROM sessions WHERE session_key = ?", []byte(key)).Scan(&expires); err != nil {
		t.Fatal(err)
	}
	exec(t, tx, "SELECT expires FROM sessions FORCE INDEX (sessions_expires) WHERE expires = ? LOCK IN SHARE MODE",
		expires)
	result, _ := whileLocked(t, admin, d.dialect, func() error {
		return s.Swap(context.Background(), key, []byte("two"), v, 2*time.Hour)
	})
	exec(t, tx, "UPDATE sessions SET value = version WHERE session_key = ?", []byte(key)) // which ends the Swap
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-result; !errors.Is(err, session.ErrStale) {
		t.Errorf("Swap: %v, want ErrStale", err)
	}
}

func unserializable(t *testing.T, d *database) {
	ctx := context.Background()
	for _, level := range []string{"serializable", "repeatable%20read"} {
		s, admin := d.store(t, "default_transaction_isolation="+level), d.admin(t)
		key, v := newRecord(t, s)
		for _, c := range []struct {
			name string
			want error
			call func() error
		}{
			{"Swap", session.ErrStale, func() error { return s.Swap(ctx, key, []byte("two"), v, time.Hour) }},
			{"Touch", nil, func() error { return s.Touch(ctx, key, 2*time.Hour) }},
			{"Add", session.ErrExists, func() error { return s.Add(ctx, key, []byte("two"), time.Hour) }},
			{"Delete", nil, func() error { return s.Delete(ctx, key) }},
		} {
			tx := held(t, d, key)
			result, _ := whileLocked(t, admin, d.dialect, c.call)
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			if err := <-result; err != c.want {
				t.Errorf("%s: %s: %v, want %v", level, c.name, err, c.want)
			}
		}
	}
}

func busy(t *testing.T, _ *database) {
	d := newSQLite(t)
	db := d.open(t)
	s := d.store(t, "_pragma=busy_timeout(0)")
	key, v := newRecord(t, s)
	writer, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	begin := func(statement string) {
		if _, err := writer.ExecContext(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}

	begin("BEGIN IMMEDIATE")
	short := newStore(t, d.open(t, "_pragma=busy_timeout(0)"), d.dialect, sqlstore.Options{Timeout: 50 * time.Millisecond})
	for name, err := range map[string]error{
		"Swap":   short.Swap(t.Context(), key, []byte("two"), v, time.Hour),
		"Add":    short.Add(t.Context(), newKey(), []byte("two"), time.Hour),
		"Delete": short.Delete(t.Context(), key),
	} {
		if got := outcomeOf(err); got != nothing && got != unknown { // which the driver says where time runs out within a try
			t.Errorf("%s: %v", name, err)
		}
	}
	begin("ROLLBACK")
	if _, now, err := s.Get(t.Context(), key); err != nil || now != v {
		t.Errorf("afterwards: version %v and %v, want %v", now, err, v)
	}

	begin("BEGIN IMMEDIATE")
	result := make(chan error, 1)
	go func() { result <- s.Swap(context.Background(), key, []byte("two"), v, time.Hour) }()
	select {
	case err := <-result:
		t.Errorf("Swap did not wait: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	begin("ROLLBACK")
	if err := <-result; err != nil {
		t.Errorf("Swap: %v", err)
	}
}
