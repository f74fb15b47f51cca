//go:build unix

package sqltest

import (
	"slices"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/internal/concurrency"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/sqlstore"
	"github.com/sessiongen/sessiongen/runtime/store/storetest"
)

// A test is one for a database that others have used and will use.
type test struct {
	name string
	on   []sqlstore.Dialect // nil: all
	run  func(t *testing.T, d *database)
}

var servers = []sqlstore.Dialect{sqlstore.Postgres, sqlstore.MySQL} // SQLite is none

func TestOnARealDatabase(t *testing.T) {
	var tests []test
	for _, part := range [][]test{conformance(), statements(), purges(), locks(), faults(), moves()} {
		tests = append(tests, part...)
	}
	tests = append(tests, test{name: "under Managers", run: underManagers})
	for name, open := range map[string]func(testing.TB) *database{
		"PostgreSQL": newPostgres,
		"MariaDB":    newMariaDB,
		"SQLite":     newSQLite,
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			d.store(t)
			for _, tt := range tests {
				if tt.on == nil || slices.Contains(tt.on, d.dialect) {
					t.Run(tt.name, func(t *testing.T) { tt.run(t, d) })
				}
			}
		})
	}
}

// conformance tests that the store is one, whatever the data source's name says.
func conformance() []test {
	tests := []test{{name: "conforms", run: conforms()}}
	for d, settings := range map[sqlstore.Dialect][][]string{
		sqlstore.Postgres: {
			{"default_transaction_isolation=serializable"},
			{"default_transaction_isolation=repeatable%20read", "timezone=Asia/Kathmandu"},
			{"default_query_exec_mode=simple_protocol"},
			{"default_query_exec_mode=exec"},
		},
		sqlstore.MySQL: {
			{"clientFoundRows=true"},
			{"clientFoundRows=true", "interpolateParams=true", "tx_isolation='SERIALIZABLE'"},
			{"interpolateParams=true", "tx_isolation='READ-COMMITTED'", "charset=latin1"},
			{"parseTime=true", "loc=America%2FNew_York", "time_zone='%2B09:00'", "sql_mode='ANSI,TRADITIONAL'"},
		},
		sqlstore.SQLite: {
			{"_pragma=journal_mode(DELETE)", "_pragma=synchronous(OFF)"}, // and no busy_timeout
		},
	} {
		for _, options := range settings {
			name := "conforms with " + strings.Join(options, " and ")
			tests = append(tests, test{name, []sqlstore.Dialect{d}, conforms(options...)})
		}
	}
	return tests
}

func conforms(options ...string) func(t *testing.T, d *database) {
	return func(t *testing.T, d *database) {
		if d.dialect == sqlstore.SQLite {
			d = newSQLite(t) // a file that is open has its journal mode already
		}
		storetest.Run(t, func(t *testing.T) session.Store { return d.store(t, options...) })
	}
}

// underManagers runs the tests of many requests at once as processes of a site would: each has a pool, and so locks, of
// its own, and between them compare-and-swap decides.
func underManagers(t *testing.T, d *database) {
	concurrency.Run(t, func(t testing.TB) session.Store {
		db := d.open(t)
		// Some tests have 20 processes over their steps, and one has 64 of one goroutine: what all of them keep open has to
		// stay below the server's limit.
		db.SetMaxOpenConns(3)
		return newStore(t, db, d.dialect, sqlstore.Options{Timeout: patient})
	})
}
