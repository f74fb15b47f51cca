package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/sqlstore"
)

var dialects = []sqlstore.Dialect{sqlstore.Postgres, sqlstore.MySQL, sqlstore.SQLite}

type call struct {
	name   string
	writes bool // what is not known to have failed may have been written
	call   func(context.Context, *sqlstore.Store) error
}

// calls are the calls of a Store, with a key and a value that no error may tell.
var calls = []call{
	{"Get", false, func(ctx context.Context, s *sqlstore.Store) error { _, _, err := s.Get(ctx, "the-key"); return err }},
	{"Add", true, func(ctx context.Context, s *sqlstore.Store) error {
		return s.Add(ctx, "the-key", []byte("the-value"), time.Hour)
	}},
	{"Swap", true, func(ctx context.Context, s *sqlstore.Store) error {
		return s.Swap(ctx, "the-key", []byte("the-value"), session.Version{1, 2}, time.Hour)
	}},
	{"Touch", false, func(ctx context.Context, s *sqlstore.Store) error { return s.Touch(ctx, "the-key", time.Hour) }},
	{"Delete", false, func(ctx context.Context, s *sqlstore.Store) error { return s.Delete(ctx, "the-key") }},
	{"Ping", false, func(ctx context.Context, s *sqlstore.Store) error { return s.Ping(ctx) }},
	{"Purge", false, func(ctx context.Context, s *sqlstore.Store) error { return s.Purge(ctx) }},
}

func TestACallThatSucceedsIsOneStatement(t *testing.T) {
	for _, d := range dialects {
		for i, want := range []string{"SELECT", "INSERT", "UPDATE", "UPDATE", "DELETE", "DELETE"} {
			f := new(fake)
			if err := calls[i].call(t.Context(), f.store(t, d)); err != nil {
				t.Errorf("%v: %s: %v", d, calls[i].name, err)
			}
			if got := f.asked(); !slices.Equal(got, []string{want}) {
				t.Errorf("%v: %s: %v", d, calls[i].name, got)
			}
		}
	}
}

func TestARefusedSwapAsksOnceMoreWhy(t *testing.T) {
	for _, d := range dialects {
		for there, want := range map[bool]error{true: session.ErrStale, false: session.ErrNotFound} {
			f := new(fake)
			f.answer = func(context.Context, string) answer { return answer{row: there} }
			if err := f.store(t, d).Swap(t.Context(), "k", nil, session.Version{}, time.Hour); !errors.Is(err, want) {
				t.Errorf("%v: %v, want %v", d, err, want)
			}
			if got := f.asked(); !slices.Equal(got, []string{"UPDATE", "SELECT"}) {
				t.Errorf("%v: %v", d, got)
			}
		}
	}
}

func TestAnotherRefusedCallAsksNoMore(t *testing.T) {
	for _, d := range dialects {
		f := new(fake)
		f.answer = func(context.Context, string) answer { return answer{inserted: 1} } // which MySQL says of a refusal
		s := f.store(t, d)
		if err := s.Add(t.Context(), "k", nil, time.Hour); !errors.Is(err, session.ErrExists) {
			t.Errorf("%v: Add: %v", d, err)
		}
		if err := s.Touch(t.Context(), "k", time.Hour); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("%v: Touch: %v", d, err)
		}
		if got := f.asked(); len(got) != 2 {
			t.Errorf("%v: %v", d, got)
		}
	}
}

func TestACallEndsWithTheTimeoutThoughTheDatabaseHangs(t *testing.T) {
	inBubble(t, func(t *testing.T, c call) {
		f := new(fake)
		f.answer = func(ctx context.Context, _ string) answer { <-ctx.Done(); return answer{err: ctx.Err()} }
		start := time.Now()
		err := c.call(context.Background(), f.store(t, sqlstore.Postgres))
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, session.ErrUnavailable) == c.writes {
			t.Errorf("%s: %v", c.name, err)
		}
		if took := time.Since(start); took != sqlstore.DefaultTimeout {
			t.Errorf("%s took %v", c.name, took)
		}
	})
}

func TestAVisitorWhoLeavesCostsNoConnection(t *testing.T) {
	type key struct{}
	for _, c := range calls {
		ctx, leave := context.WithCancel(context.WithValue(t.Context(), key{}, "traced"))
		f := new(fake)
		f.answer = func(ctx context.Context, _ string) answer {
			leave()
			if ctx.Value(key{}) != "traced" {
				t.Errorf("%s: the driver does not see the context's values", c.name)
			}
			return answer{affected: 1, err: ctx.Err()}
		}
		if err := c.call(ctx, f.store(t, sqlstore.Postgres)); err != nil && !errors.Is(err, session.ErrNotFound) {
			t.Errorf("%s: %v", c.name, err)
		}
		if err := c.call(ctx, f.store(t, sqlstore.Postgres)); !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("%s of one who had left before: %v", c.name, err)
		}
	}
}

func TestWhatCannotBeAStoreIsAnError(t *testing.T) {
	db := sql.OpenDB(new(fake))
	defer db.Close()
	for _, table := range []string{"sessions", "s2_x", "site.sessions", ""} {
		if _, err := sqlstore.NewWithOptions(db, sqlstore.MySQL, sqlstore.Options{Table: table}); err != nil {
			t.Errorf("table %q: %v", table, err)
		}
	}
	for _, table := range []string{"a b", "a.b.c", "2s", "x;DROP TABLE y", `"x"`, "a.", ".a", "x\n"} {
		if _, err := sqlstore.NewWithOptions(db, sqlstore.MySQL, sqlstore.Options{Table: table}); err == nil {
			t.Errorf("table %q: no error", table)
		}
	}
	if _, err := sqlstore.New(nil, sqlstore.MySQL); err == nil {
		t.Error("no database: no error")
	}
	for _, d := range []sqlstore.Dialect{0, 4, -1} {
		if _, err := sqlstore.New(db, d); err == nil {
			t.Errorf("%v: no error", d)
		}
	}
}

func TestTheDDLOfWhatCannotBeATableIsNone(t *testing.T) {
	for _, c := range []struct {
		dialect sqlstore.Dialect
		table   string
	}{{sqlstore.SQLite, "x;DROP TABLE y"}, {sqlstore.MySQL, "a b"}, {0, "sessions"}, {4, ""}} {
		func() {
			defer func() { _ = recover() }()
			t.Errorf("%v, table %q: %q, want a panic", c.dialect, c.table, c.dialect.DDL(c.table))
		}()
	}
}

func TestAnAnswerOfAnotherDialectSaysSo(t *testing.T) {
	for answer, dialect := range map[error]sqlstore.Dialect{
		&pgxError{"42601"}: sqlstore.Postgres, &mysqlError{Number: 1064}: sqlstore.MySQL, &modernError{1}: sqlstore.SQLite,
	} {
		for _, d := range dialects {
			err := (&fake{answer: fails(answer)}).store(t, d).Ping(t.Context())
			want := fmt.Sprintf("the database answers as %v does, and the store's dialect is %v", dialect, d)
			if said := strings.Contains(fmt.Sprint(err), want); said != (d != dialect) || !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("%T to %v: %v", answer, d, err)
			}
		}
	}
}

func TestTheDDLNamesTheTableAndItsIndex(t *testing.T) {
	for _, d := range dialects {
		for table, words := range map[string][]string{
			"":        {"TABLE IF NOT EXISTS sessions (", " sessions_expires "},
			"visits":  {"TABLE IF NOT EXISTS visits (", " visits_expires "},
			"web.now": {"TABLE IF NOT EXISTS web.now (", "now_expires "},
		} {
			text := d.DDL(table)
			for _, word := range words {
				if !strings.Contains(text, word) {
					t.Errorf("%v: %q does not have %q", d, text, word)
				}
			}
			if !strings.HasSuffix(text, ";\n") {
				t.Errorf("%v: %q ends in the middle", d, text)
			}
		}
	}
}
