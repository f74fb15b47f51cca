package sqlstore_test

import (
	"context"
	"crypto/fips140"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/sqlstore"
)

// Errors as drivers have them.
type (
	pgxError    struct{ state string }
	modernError struct{ code int }
	mysqlError  struct {
		Number  uint16
		Message string
	}
	mattnCode  int
	mattnError struct{ Code mattnCode }
)

func (e *pgxError) Error() string    { return "FATAL: " + secrets }
func (e *pgxError) SQLState() string { return e.state }
func (e *modernError) Error() string { return secrets }
func (e *modernError) Code() int     { return e.code }
func (e *mysqlError) Error() string  { return secrets + e.Message }
func (e mattnError) Error() string   { return secrets }

// secrets is what a driver's text may have.
const secrets = "postgres://shop:the-password@db.internal/shop: near 'the-key', 'the-value'"

// An outcome is what a caller may conclude.
type outcome string

const (
	nothing outcome = "nothing was written"
	stale   outcome = "stale"
	large   outcome = "too large"
	nobody  outcome = "nobody knows"
)

func outcomeOf(err error) outcome {
	switch {
	case errors.Is(err, session.ErrUnavailable):
		return nothing
	case errors.Is(err, session.ErrStale):
		return stale
	case errors.Is(err, session.ErrTooLarge):
		return large
	case errors.Is(err, session.ErrNotFound), errors.Is(err, session.ErrExists), err == nil:
		return outcome(fmt.Sprint(err))
	}
	return nobody
}

func TestADriversErrorIsToldByItsCode(t *testing.T) {
	postgres := func(state string) error { return fmt.Errorf("wrapped: %w", &pgxError{state}) }
	mysql := func(n uint16) error { return fmt.Errorf("wrapped: %w", &mysqlError{Number: n}) }
	sqlite := func(code int) error { return fmt.Errorf("wrapped: %w", &modernError{code}) }
	for _, tt := range []struct {
		dialect sqlstore.Dialect
		err     error
		swap    outcome
		add     outcome
		text    string
	}{
		{sqlstore.Postgres, postgres("40001"), stale, nothing, "conflict"},
		{sqlstore.Postgres, postgres("40P01"), stale, nothing, "conflict"},
		{sqlstore.Postgres, postgres("55P03"), nothing, nothing, "lock"},
		{sqlstore.Postgres, postgres("25006"), nothing, nothing, "read only"},
		{sqlstore.Postgres, postgres("53300"), nothing, nothing, "too many connections"},
		{sqlstore.Postgres, postgres("53100"), nothing, nothing, "no room"},
		{sqlstore.Postgres, postgres("42P01"), nothing, nothing, "CreateTable"},
		{sqlstore.Postgres, postgres("42703"), nothing, nothing, "Options.Table"},
		{sqlstore.Postgres, postgres("57014"), nothing, nothing, "stopped"},
		{sqlstore.Postgres, postgres("54000"), large, large, "too large"},
		{sqlstore.Postgres, postgres("57P01"), nobody, nobody, "ended the connection"},
		{sqlstore.Postgres, postgres("40003"), nobody, nobody, ""},
		{sqlstore.Postgres, postgres("08006"), nobody, nobody, ""},
		{sqlstore.Postgres, postgres("XX000"), nothing, nothing, "SQLSTATE XX000"},
		{sqlstore.MySQL, mysql(1213), stale, nothing, "conflict"},
		{sqlstore.MySQL, mysql(1020), stale, nothing, "conflict"},
		{sqlstore.MySQL, mysql(1205), nothing, nothing, "lock"},
		{sqlstore.MySQL, mysql(1290), nothing, nothing, "read only"},
		{sqlstore.MySQL, mysql(1040), nothing, nothing, "too many connections"},
		{sqlstore.MySQL, mysql(1114), nothing, nothing, "no room"},
		{sqlstore.MySQL, mysql(1146), nothing, nothing, "CreateTable"},
		{sqlstore.MySQL, mysql(1054), nothing, nothing, "Options.Table"},
		{sqlstore.MySQL, mysql(1317), nothing, nothing, "stopped"},
		{sqlstore.MySQL, mysql(1153), large, large, "too large"},
		{sqlstore.MySQL, mysql(1053), nobody, nobody, "ended the connection"},
		{sqlstore.MySQL, mysql(1180), nobody, nobody, ""},
		{sqlstore.MySQL, mysql(2013), nobody, nobody, ""},
		{sqlstore.MySQL, mysql(1064), nothing, nothing, "error 1064"},
		{sqlstore.SQLite, sqlite(1), nothing, nothing, "Options.Table"},
		{sqlstore.SQLite, sqlite(5), nothing, nothing, "lock"},
		{sqlstore.SQLite, sqlite(5 | 1<<8), nothing, nothing, "lock"},
		{sqlstore.SQLite, sqlite(6), nothing, nothing, "lock"},
		{sqlstore.SQLite, sqlite(517), stale, nothing, "conflict"},
		{sqlstore.SQLite, sqlite(8), nothing, nothing, "read only"},
		{sqlstore.SQLite, sqlite(13), nothing, nothing, "no room"},
		{sqlstore.SQLite, sqlite(18), large, large, "too large"},
		{sqlstore.SQLite, sqlite(10 | 4<<8), nobody, nobody, "disk"},
		{sqlstore.SQLite, mattnError{8}, nothing, nothing, "read only"},
		{sqlstore.SQLite, &mattnError{13}, nothing, nothing, "no room"},
		{sqlstore.Postgres, io.ErrUnexpectedEOF, nobody, nobody, "unexpected EOF"},
		{sqlstore.Postgres, fmt.Errorf("%s: %w", secrets, &net.DNSError{Err: "no such host", Name: "db.test"}), nobody, nobody, "db.test"},
		{sqlstore.MySQL, errors.New(secrets), nobody, nobody, "connection failed"},
	} {
		t.Run(fmt.Sprintf("%v %v", tt.dialect, tt.text), func(t *testing.T) {
			inBubble(t, func(t *testing.T, c call) {
				f := new(fake)
				f.answer = fails(tt.err)
				want := nothing
				switch c.name {
				case "Swap":
					want = tt.swap
				case "Add":
					want = tt.add
				}
				err := c.call(t.Context(), f.store(t, tt.dialect))
				if got := outcomeOf(err); got != want {
					t.Errorf("%s: %v, which is %q, want %q", c.name, err, got, want)
				}
				if want != stale && (!errors.Is(err, tt.err) || !strings.Contains(err.Error(), tt.text)) {
					t.Errorf("%s: %v does not tell of %q", c.name, err, tt.text)
				}
				wantDiscreet(t, c.name, err)
			})
		})
	}
}

// inBubble runs a test for each call in a time of its own, which passes when everybody waits.
func inBubble(t *testing.T, test func(*testing.T, call)) {
	if fips140.Enabled() {
		t.Skip("its source of randomness measures a clock, which stands still here")
	}
	for _, c := range calls {
		bubble.Test(t, func(t *testing.T) { test(t, c) })
	}
}

// wantDiscreet fails the test if an error's text has what a driver's has.
func wantDiscreet(t *testing.T, call string, err error) {
	t.Helper()
	for _, secret := range []string{"the-password", "shop", "the-key", "the-value"} {
		if strings.Contains(fmt.Sprintf("%v %+v", err, err), secret) {
			t.Errorf("%s: %v tells %q", call, err, secret)
		}
	}
}

func TestWhereThereIsNoConnectionNothingWasWritten(t *testing.T) {
	address := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5432}
	refused := &net.OpError{Op: "dial", Net: "tcp", Addr: address, Err: errors.New("connection refused")}
	for _, cause := range []error{
		errors.New(secrets),
		fmt.Errorf("%s: %w", secrets, refused),
		&pgxError{"57P01"}, &pgxError{"08001"}, &pgxError{"28P01"},
		io.EOF, driver.ErrBadConn,
	} {
		inBubble(t, func(t *testing.T, c call) {
			f := &fake{connect: func() error { return cause }}
			err := c.call(t.Context(), f.store(t, sqlstore.Postgres))
			if !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("%s: %v", c.name, err)
			}
			if errors.Is(cause, refused) && !strings.Contains(err.Error(), "dial tcp 127.0.0.1:5432") {
				t.Errorf("%s: %v does not say where", c.name, err)
			}
			if cause.Error() == secrets && !strings.Contains(err.Error(), "the data source's name") {
				t.Errorf("%s: %v does not say what to look at", c.name, err)
			}
			wantDiscreet(t, c.name, err)
		})
	}
}

func TestAConflictOfAnythingButASwapIsTriedAgain(t *testing.T) {
	for _, cause := range []error{&pgxError{"40001"}, &pgxError{"40P01"}, &pgxError{"55P03"}} {
		for _, c := range calls {
			f, tries := new(fake), 0
			f.answer = func(context.Context, string) answer {
				if tries++; tries <= 3 {
					return answer{err: cause}
				}
				return answer{affected: 1}
			}
			err := c.call(t.Context(), f.store(t, sqlstore.Postgres))
			want := "<nil>"
			switch {
			case c.name == "Get":
				want = session.ErrNotFound.Error()
			case c.name == "Swap" && cause.(*pgxError).state != "55P03":
				want = session.ErrStale.Error()
			}
			if fmt.Sprint(err) != want {
				t.Errorf("%v: %s: %v, want %s", cause, c.name, err, want)
			}
		}
	}
}

func TestADeadConnectionOfThePoolIsNoError(t *testing.T) {
	for _, c := range calls[:6] {
		f, dead := new(fake), 0
		s := f.store(t, sqlstore.MySQL)
		f.answer = func(context.Context, string) answer {
			if dead++; dead <= 20 {
				return answer{err: driver.ErrBadConn}
			}
			return answer{affected: 1, row: true}
		}
		if err := c.call(t.Context(), s); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestACallThatMayHaveBeenDoneIsRepeatedOnlyIfThatIsHarmless(t *testing.T) {
	for _, c := range calls {
		f := new(fake)
		f.answer = fails(io.ErrUnexpectedEOF)
		_ = c.call(t.Context(), f.store(t, sqlstore.Postgres))
		want := 3
		if c.writes {
			want = 1
		}
		if got := f.asked(); len(got) != want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestASwapThatWasRefusedIsNotUnknownThoughNobodySaysWhy(t *testing.T) {
	f := new(fake)
	f.answer = func(_ context.Context, statement string) answer {
		if strings.HasPrefix(statement, "SELECT") {
			return answer{err: io.ErrUnexpectedEOF}
		}
		return answer{}
	}
	err := f.store(t, sqlstore.Postgres).Swap(t.Context(), "k", nil, session.Version{1, 2}, time.Hour)
	if got := outcomeOf(err); got != nothing {
		t.Errorf("%v, which is %q", err, got)
	}
	if got := f.asked(); !slices.Equal(got, []string{"UPDATE", "SELECT", "SELECT", "SELECT"}) {
		t.Errorf("%v", got)
	}
}

func TestAConnectionToAServerThatIsReadOnlyIsNotUsedAgain(t *testing.T) {
	for cause, want := range map[error]int{&pgxError{"25006"}: 2, &pgxError{"53100"}: 1} {
		f := new(fake)
		f.answer = fails(cause)
		s := f.store(t, sqlstore.Postgres)
		for range 2 {
			_ = s.Touch(t.Context(), "k", time.Hour)
		}
		if f.opened != want {
			t.Errorf("%v: %d connections opened, want %d", cause, f.opened, want)
		}
	}
}

func TestAClosedDatabaseIsSaidToBeClosed(t *testing.T) {
	db := sql.OpenDB(new(fake))
	s, err := sqlstore.New(db, sqlstore.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	for _, c := range calls {
		if err := c.call(t.Context(), s); !errors.Is(err, session.ErrUnavailable) || !strings.Contains(err.Error(), "database is closed") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
