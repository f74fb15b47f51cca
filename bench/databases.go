//go:build unix

package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/sessiongen/sessiongen/bench/peer"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/store/sqlstore"
)

// databases measures R and W on SQL databases beside the stores that scs has for them: the same server, the same
// driver, a pool of the same size, a table each.
func (b *bench) databases() error {
	h := new(host)
	defer h.end()
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	postgres := servertest.Postgres(h)
	for _, d := range []struct {
		name, driver, source string
		dialect              sqlstore.Dialect
	}{
		{"PostgreSQL", "pgx", "postgres://" + servertest.Site + "@" + postgres.Addr() + "/" + servertest.Site, sqlstore.Postgres},
		{"SQLite", "sqlite", sqliteSource(dir), sqlstore.SQLite},
	} {
		db, err := sql.Open(d.driver, d.source)
		if err != nil {
			return err
		}
		defer db.Close()
		p, err := onDatabase(d.name, db, d.dialect)
		if err != nil {
			return err
		}
		for _, w := range []workload{read, write} {
			g, err := b.measureWorkload(w, p)
			if err != nil {
				return err
			}
			b.report.publish(g.shortTable("scs"))
			limit := map[workload]float64{read: 1, write: 1.3}[w] // a write is a compare-and-swap here
			ratio := g.find(peer.Ours).Wall.Over(g.results[0].Wall).Median()
			b.report.atMost(w.key+" on "+d.name+", against scs", limit, ratio, " ×")
		}
	}
	return nil
}

func sqliteSource(dir string) string {
	const settings = "?_pragma=busy_timeout(1000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)"
	return "file:" + filepath.Join(dir, "bench.db") + settings
}

// onDatabase are those that keep sessions in a table, scs first.
func onDatabase(where string, db *sql.DB, dialect sqlstore.Dialect) (place, error) {
	db.SetMaxIdleConns(8)
	theirs, err := peer.SCSOn(db, dialect, peer.Nine)
	if err != nil {
		return place{}, err
	}
	ours, err := peer.OursOnSQL(db, dialect, peer.Nine)
	if err != nil {
		return place{}, err
	}
	return place{where: where, shape: peer.Nine, contenders: append([]peer.Contender{theirs}, ours...)}, nil
}

// shortTable compares with the first of the group, which it calls by a short name.
func (g *group) shortTable(first string) *table {
	t := &table{
		title: fmt.Sprintf("%s: %s; %s, %s", g.key, g.text, g.shape, g.where),
		head:  []string{"", "µs", "range", "× " + first, "range", "CPU µs", "× " + first, "allocs", "bytes"},
	}
	for i := range g.results {
		r := &g.results[i]
		ratio := r.Wall.Over(g.results[0].Wall)
		t.add(r.name, micros(r.Wall.Median()), span(r.Wall, 1e3), digits(ratio.Median()), span(ratio, 1),
			micros(r.CPU.Median()), digits(r.CPU.Over(g.results[0].CPU).Median()),
			fmt.Sprintf("%.0f", r.allocs), fmt.Sprintf("%.0f", r.bytes))
	}
	return t
}
