//go:build unix

package sqltest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/store/sqlstore"
)

func newKey() string { return "sqltest:" + rand.Text() }

// fill adds records that have expired long ago, with keys all over the table.
func fill(t *testing.T, d *database, n int) {
	t.Helper()
	insert(t, d.open(t), d.dialect, n, 0)
}

// insert adds records that expire at a time, each 500 of them one after another.
func insert(t *testing.T, db execer, d sqlstore.Dialect, n int, from int64) {
	t.Helper()
	const rows = 500
	for range n / rows {
		var text strings.Builder
		args := make([]any, 0, 3*rows)
		for i := range rows {
			if i > 0 {
				text.WriteString(", ")
			}
			if d == sqlstore.Postgres {
				fmt.Fprintf(&text, "($%d, $%d, $%d, %d)", 3*i+1, 3*i+2, 3*i+3, from+int64(i))
			} else {
				fmt.Fprintf(&text, "(?, ?, ?, %d)", from+int64(i))
			}
			args = append(args, []byte(newKey()), []byte(strings.Repeat("x", 200)), []byte("1234567890123456"))
		}
		exec(t, db, "INSERT INTO sessions (session_key, value, version, expires) VALUES "+text.String(), args...)
	}
}

func purge(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	if err := s.Purge(context.Background()); err != nil {
		t.Errorf("Purge: %v", err)
	}
}

func countRows(t *testing.T, db *sql.DB, where string) (n int) {
	t.Helper()
	if err := db.QueryRow("SELECT count(*) FROM sessions WHERE " + where).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// purges tests that what has expired leaves, and nobody notices.
func purges() []test {
	return []test{
		{name: "Purge deletes what has expired and nothing else", run: func(t *testing.T, d *database) {
			s, db := d.store(t), d.open(t)
			key := newKey()
			if err := s.Add(t.Context(), key, []byte("kept"), time.Hour); err != nil {
				t.Fatal(err)
			}
			fill(t, d, 1500)
			purge(t, s)
			if n := countRows(t, db, "expires < 1000"); n != 0 {
				t.Errorf("%d are left", n)
			}
			if _, _, err := s.Get(t.Context(), key); err != nil {
				t.Errorf("Get: %v", err)
			}
		}},
		{name: "two who purge at the same time do not fail", run: func(t *testing.T, d *database) {
			fill(t, d, 4000)
			stores := []*sqlstore.Store{d.store(t), d.store(t)}
			var wg sync.WaitGroup
			for _, s := range stores {
				wg.Go(func() { purge(t, s) })
			}
			wg.Wait()
			if n := countRows(t, d.open(t), "expires < 1000"); n != 0 {
				t.Errorf("%d are left", n)
			}
		}},
		{name: "Purge of 10,000 blocks none of 16 writers", run: purgesBesideWriters},
	}
}

// purgesBesideWriters lets writers save until the Purge has ended. None of their saves may fail, and on MariaDB,
// which counts them, none may have waited for a lock.
func purgesBesideWriters(t *testing.T, d *database) {
	const writers = 16
	fill(t, d, 10_000)
	s, purger, db := d.store(t), d.store(t), d.open(t)
	waits := lockWaits(t, db, d.dialect)

	ended := make(chan struct{})
	var saves [writers]atomic.Int64
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			key := newKey()
			if err := s.Add(context.Background(), key, []byte("0"), time.Hour); err != nil {
				t.Errorf("Add: %v", err)
				return
			}
			for n := 0; ; n++ {
				_, v, err := s.Get(context.Background(), key)
				if err == nil {
					err = s.Swap(context.Background(), key, fmt.Append(nil, n), v, time.Hour)
				}
				if err != nil {
					t.Errorf("writer %d, save %d: %v", i, n, err)
					return
				}
				saves[i].Add(1)
				select {
				case <-ended:
					return
				default:
				}
			}
		})
	}
	during := func() (n int64) {
		for i := range saves {
			n += saves[i].Load()
		}
		return n
	}
	servertest.Eventually(t, "saves while Purge is under way", func() bool {
		before := during()
		purge(t, purger)
		if during()-before >= writers || t.Failed() {
			return true
		}
		fill(t, d, 10_000) // it was too fast for them
		return false
	})
	close(ended)
	wg.Wait()
	if n := countRows(t, db, "expires < 1000"); n != 0 {
		t.Errorf("%d are left", n)
	}
	if n := lockWaits(t, db, d.dialect) - waits; n > 0 {
		t.Errorf("%d waits for a lock", n)
	}
}

// lockWaits counts how often somebody has waited for a row, where the database counts that.
func lockWaits(t *testing.T, db *sql.DB, d sqlstore.Dialect) (n int) {
	t.Helper()
	if d != sqlstore.MySQL {
		return 0
	}
	var name string
	if err := db.QueryRow("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_waits'").Scan(&name, &n); err != nil {
		t.Fatal(err)
	}
	return n
}
