//go:build unix

package sqltest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/sqlstore"
)

const budget = 200 * time.Millisecond

// An outcome is what a caller may conclude.
type outcome string

const (
	done    outcome = "done"
	nothing outcome = "nothing was written"
	unknown outcome = "nobody knows"
)

func outcomeOf(err error) outcome {
	switch {
	case err == nil:
		return done
	case errors.Is(err, session.ErrUnavailable):
		return nothing
	case servertest.IsAnswer(err):
		return outcome(err.Error())
	}
	return unknown
}

// faults tests what each call says while the server has one. Each leaves the server as it found it.
func faults() []test {
	return []test{
		{name: "a server that cannot be reached", on: servers, run: func(t *testing.T, d *database) {
			servertest.Faults{
				Open: func(t testing.TB, addr string) session.Store {
					return newStoreLike(t, openSource(t, d.dialect, sourceAt(d.dialect, addr, servertest.Site)), d.dialect)
				},
				Budget: budget, Memory: 128 << 20, // MySQL announces up to 16 MiB, which its driver takes for true
				Secrets: []string{servertest.Password, "user=" + servertest.Site},
				Unwritten: map[string]servertest.Start{
					"accepts and never answers": serves(func(net.Conn) {}),
					"closes at once":            serves(func(c net.Conn) { _ = c.Close() }),
					"another protocol": serves(func(c net.Conn) {
						_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request: secret\r\nContent-Length: 0\r\n\r\n")
					}),
				},
			}.Run(t)
		}},
		{name: "a server that is killed and restarted", on: servers, run: func(t *testing.T, d *database) {
			f := newFaulty(t, d)
			d.server.Kill()
			f.fails(nothing, unknown)
			f.fails(nothing) // the connections that had been open are known to be dead
			d.server.Start()
			f.recovers()
		}},
		{name: "a server that is frozen", on: servers, run: func(t *testing.T, d *database) {
			f := newFaulty(t, d)
			d.server.Pause()
			f.fails(nothing, unknown)
			f.within(50*time.Millisecond, nothing, unknown)
			d.server.Resume()
			f.recovers()
		}},
		{name: "a server at its limit of connections", on: servers, run: crowded},
		{name: "a pool that has no connection left", run: exhausted},
		{name: "a server that has become read only", on: servers, run: readOnly},
		{name: "a failover that leaves connections to a replica", on: servers, run: failover},
		{name: "a file that is read only", on: []sqlstore.Dialect{sqlstore.SQLite}, run: func(t *testing.T, d *database) {
			key, v := newRecord(t, d.store(t))
			s, err := sqlstore.New(d.open(t, "mode=ro"), d.dialect)
			if err != nil {
				t.Fatal(err)
			}
			readsOnly(t, s, key, v)
		}},
	}
}

// A faulty store has a record, and a pool of connections.
type faulty struct {
	t     *testing.T
	store *sqlstore.Store
	key   string
	v     session.Version
}

func newFaulty(t *testing.T, d *database) *faulty {
	s := newStore(t, d.open(t), d.dialect, sqlstore.Options{Timeout: patient})
	f := &faulty{t: t, key: newKey()}
	f.key, f.v = newRecord(t, s)
	f.store = newStoreLike(t, d.open(t), d.dialect)
	warm(t, f.store)
	return f
}

// newStoreLike is a store that does not wait for long.
func newStoreLike(t testing.TB, db *sql.DB, d sqlstore.Dialect) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.NewWithOptions(db, d, sqlstore.Options{Timeout: budget})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// warm opens a connection.
func warm(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	servertest.Eventually(t, "a connection", func() bool { return s.Ping(t.Context()) == nil })
}

// fails makes each call, which must end in time with one of the outcomes. What reads, and what can be done twice, knows
// that it is the first of them.
func (f *faulty) fails(outcomes ...outcome) { f.within(budget, outcomes...) }

func (f *faulty) within(limit time.Duration, outcomes ...outcome) {
	f.t.Helper()
	for _, c := range []struct {
		name   string
		writes bool
		call   func(context.Context) error
	}{
		{"Swap", true, func(ctx context.Context) error {
			return f.store.Swap(ctx, f.key, []byte("the-value"), session.Version{1}, time.Hour)
		}},
		{"Add", true, func(ctx context.Context) error { return f.store.Add(ctx, f.key, []byte("the-value"), time.Hour) }},
		{"Get", false, func(ctx context.Context) error { _, _, err := f.store.Get(ctx, f.key); return err }},
		{"Touch", false, func(ctx context.Context) error { return f.store.Touch(ctx, f.key, time.Hour) }},
		{"Ping", false, f.store.Ping},
		{"Purge", false, f.store.Purge},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		start := time.Now()
		err := c.call(ctx)
		took := time.Since(start)
		cancel()
		if took > servertest.Noisy*limit {
			f.t.Errorf("%s took %v", c.name, took)
		}
		got, ok := outcomeOf(err), false
		for _, o := range outcomes {
			ok = ok || o == got && (c.writes || o == nothing)
		}
		if !ok {
			f.t.Errorf("%s: %v, which is %q", c.name, err, got)
		}
		for _, secret := range []string{servertest.Password, f.key, "the-value", "user=" + servertest.Site} {
			if strings.Contains(fmt.Sprint(err), secret) {
				f.t.Errorf("%s: %v tells %q", c.name, err, secret)
			}
		}
	}
}

// recovers waits until the store works again. The record must be as it was.
func (f *faulty) recovers() {
	f.t.Helper()
	warm(f.t, f.store)
	servertest.Eventually(f.t, "the record", func() bool {
		value, v, err := f.store.Get(f.t.Context(), f.key)
		if err == nil && (string(value) != "one" || v != f.v) || errors.Is(err, session.ErrNotFound) {
			f.t.Fatalf("%q, version %v, %v: want what was there before", value, v, err)
		}
		return err == nil
	})
}

func serves(serve func(net.Conn)) servertest.Start {
	return servertest.At(func(t testing.TB) string { return servertest.Serve(t, serve).Addr() })
}

func crowded(t *testing.T, d *database) {
	f := newFaulty(t, d)
	crowd := d.open(t)
	crowd.SetMaxOpenConns(1000)
	var conns []*sql.Conn
	for {
		conn, err := crowd.Conn(t.Context())
		if err != nil {
			break
		}
		if conns = append(conns, conn); len(conns) > 200 {
			t.Fatal("there is no limit")
		}
	}
	late := *f
	late.store = newStoreLike(t, d.open(t), d.dialect)
	late.fails(nothing)
	if err := late.store.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "too many connections") {
		t.Errorf("Ping: %v does not say why", err)
	}
	f.recovers() // who has a connection keeps it
	for _, conn := range conns {
		_ = conn.Close()
	}
	_ = crowd.Close()
	late.recovers()
}

// setReadOnly returns what makes a server a replica, as far as writes go, and a primary again.
func setReadOnly(t *testing.T, d *database) (set func(on string)) {
	admin := d.admin(t)
	return func(on string) {
		if d.dialect == sqlstore.MySQL {
			exec(t, admin, "SET GLOBAL read_only = "+on)
			return
		}
		exec(t, admin, "SET default_transaction_read_only = off")
		exec(t, admin, "ALTER SYSTEM SET default_transaction_read_only = "+on)
		exec(t, admin, "SELECT pg_reload_conf()")
	}
}

func readOnly(t *testing.T, d *database) {
	set := setReadOnly(t, d)
	s := d.store(t)
	key, v := newRecord(t, s)
	set("on")
	defer set("off")
	servertest.Eventually(t, "a server that is read only", func() bool { return s.Ping(t.Context()) != nil })
	readsOnly(t, s, key, v)
	set("off")
	servertest.Eventually(t, "a server that writes", func() bool { return s.Ping(t.Context()) == nil })
	if err := s.Swap(t.Context(), key, []byte("two"), v, time.Hour); err != nil {
		t.Errorf("Swap: %v", err)
	}
}

// readsOnly tests a store on what serves reads and refuses writes.
func readsOnly(t *testing.T, s *sqlstore.Store, key string, v session.Version) {
	t.Helper()
	ctx := t.Context()
	if _, got, err := s.Get(ctx, key); err != nil || got != v {
		t.Errorf("Get: version %v and %v", got, err)
	}
	for name, err := range map[string]error{
		"Swap":   s.Swap(ctx, key, []byte("two"), v, time.Hour),
		"Add":    s.Add(ctx, newKey(), []byte("two"), time.Hour),
		"Touch":  s.Touch(ctx, key, time.Hour),
		"Delete": s.Delete(ctx, key),
		"Ping":   s.Ping(ctx),
	} {
		if outcomeOf(err) != nothing || !strings.Contains(err.Error(), "read only") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, got, err := s.Get(ctx, key); err != nil || got != v {
		t.Errorf("Get: version %v and %v", got, err)
	}
}

// exhausted has a pool whose connections others keep.
func exhausted(t *testing.T, d *database) {
	f := newFaulty(t, d)
	db := d.open(t)
	db.SetMaxOpenConns(1)
	f.store = newStoreLike(t, db, d.dialect)
	kept, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.fails(nothing)
	f.within(50*time.Millisecond, nothing)
	_ = kept.Close()
	f.recovers()
}

// failover has a name that leads to another server from now on, while the old one, which is a replica now, keeps its
// connections. Each of them is tried for a write once at most.
func failover(t *testing.T, d *database) {
	const conns = 5
	successor := map[sqlstore.Dialect]func(testing.TB) *database{
		sqlstore.Postgres: newPostgres, sqlstore.MySQL: newMariaDB,
	}[d.dialect](t)
	successor.store(t) // creates the table
	var primary atomic.Value
	primary.Store(d.server.Addr())
	name := servertest.Serve(t, func(c net.Conn) {
		to, err := net.Dial("tcp", primary.Load().(string))
		if err != nil {
			return
		}
		defer to.Close()
		go func() { _, _ = io.Copy(to, c); _ = to.Close() }()
		_, _ = io.Copy(c, to)
	})
	db := openSource(t, d.dialect, sourceAt(d.dialect, name.Addr(), servertest.Site))
	s := newStore(t, db, d.dialect, sqlstore.Options{Timeout: patient})
	var open []*sql.Conn
	for range conns {
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, conn)
	}
	for _, conn := range open {
		_ = conn.Close()
	}
	set := setReadOnly(t, d)
	set("on")
	defer set("off")
	direct := newStoreLike(t, d.open(t), d.dialect)
	servertest.Eventually(t, "a server that is read only", func() bool { return direct.Ping(t.Context()) != nil })
	primary.Store(successor.server.Addr())

	refused := 0
	for range 10 * conns {
		switch err := s.Add(t.Context(), newKey(), []byte("one"), time.Hour); {
		case err == nil:
		case outcomeOf(err) == nothing && strings.Contains(err.Error(), "read only"):
			refused++
		default:
			t.Errorf("Add: %v", err)
		}
	}
	if refused == 0 || refused > conns {
		t.Errorf("%d writes were refused, and there were %d connections to the replica", refused, conns)
	}
	if err := s.Add(t.Context(), newKey(), []byte("one"), time.Hour); err != nil {
		t.Errorf("Add: %v", err)
	}
}
