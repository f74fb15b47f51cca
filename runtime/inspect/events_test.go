package inspect_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/inspect"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// rows counts the events that a page shows.
func rows(page string) int { return strings.Count(page, `<td data-label="When"`) }

func TestEventsAreShownTheLatestFirst(t *testing.T) {
	b, inspector := inspected(t, open(t, fixture.NewSessions, nil), inspect.Options{}, nil)
	wantText(t, b.get("?page=events"), "None")
	inspector.Observe(t.Context(), session.Event{Kind: session.Created, Session: "first", Took: 1500 * time.Microsecond, Bytes: 1234})
	inspector.Observe(t.Context(), session.Event{
		Kind: session.Failed, Session: "second", Owner: "whose", Tries: 7, Keys: []string{"cart", "prefs"}, Err: session.ErrConflict,
	})
	for _, query := range []string{"", "?page=events", "?page=list"} {
		page := b.get(query)
		wantText(t, page, "created", "1.5ms", "1,234", "second", "of whose", ">7<", "<code>cart</code> <code>prefs</code>",
			session.ErrConflict.Error())
		if strings.Index(page, "second") > strings.Index(page, "first") {
			t.Errorf("%q: the later event stands below:\n%s", query, page)
		}
	}
}

func TestEventsAreFilteredBySessionKindAndOutcome(t *testing.T) {
	b, inspector := inspected(t, open(t, fixture.NewSessions, nil), inspect.Options{}, nil)
	for _, e := range []session.Event{
		{Kind: session.Saved, Session: "aaa"}, {Kind: session.Saved, Session: "bbb", Err: session.ErrConflict},
		{Kind: session.Loaded, Session: "aaa"}, {Kind: session.Failed, Err: fmt.Errorf("down: %w", session.ErrUnavailable)},
		{Kind: session.Failed, Err: &session.FieldError{Field: "Cart", Key: "cart", Err: context.Canceled}},
	} {
		inspector.Observe(t.Context(), e)
	}
	for query, want := range map[string]int{
		"": 5, "session=aaa": 2, "session=none": 0, "kind=saved": 2, "kind=none": 0, "outcome=ok": 2, "outcome=failed": 3,
		"outcome=conflict": 1, "outcome=unavailable": 1, "outcome=field": 1, "kind=saved&outcome=failed": 1,
		"session=aaa&kind=loaded&outcome=ok": 1, "limit=2": 2, "limit=x": 5,
	} {
		for _, page := range []string{"events", "list"} {
			if got := rows(b.get("?page=" + page + "&" + query)); got != want {
				t.Errorf("%s with %q shows %d events, want %d", page, query, got, want)
			}
		}
	}
	wantText(t, b.get("?page=events&session=aaa&kind=saved"), `value="aaa"`, "<option selected>saved</option>",
		`data-src="?kind=saved&amp;page=list&amp;session=aaa"`)
	wantText(t, b.get("?page=events&limit=2"), "3 earlier ones")
}

func TestThePageOfEventsRenewsItselfWithoutAScript(t *testing.T) {
	b, _ := inspected(t, open(t, fixture.NewSessions, nil), inspect.Options{}, nil)
	wantText(t, b.get("?page=events"), `<noscript><meta http-equiv="refresh"`, "still=1")
	wantNoText(t, b.get("?page=events&still=1"), "refresh", "data-src")
}

func TestOnlyTheLastEventsAreKeptAndAllAreCounted(t *testing.T) {
	const all, last = 100_000, 50
	b, inspector := inspected(t, open(t, fixture.NewSessions, nil), inspect.Options{Last: last}, nil)
	for i := range all {
		inspector.Observe(t.Context(), session.Event{
			Kind: session.Saved, Session: fmt.Sprintf("s%d", i), Took: time.Duration(i), Keys: []string{"cart"},
		})
	}
	start := time.Now()
	page := b.get("?page=events")
	t.Logf("a page after %d events took %v", all, time.Since(start))
	if got := rows(page); got != last {
		t.Errorf("%d events are shown, want %d", got, last)
	}
	wantText(t, page, fmt.Sprintf("s%d", all-1), fmt.Sprintf("s%d", all-last))
	wantNoText(t, page, fmt.Sprintf("s%d<", all-last-1))
	start = time.Now()
	index := b.get("")
	t.Logf("the page with all else took %v", time.Since(start))
	wantText(t, index, "100,000", "100µs" /* the longest */)
	if len(index) > 64<<10 || len(page) > 64<<10 {
		t.Errorf("pages of %d and %d bytes", len(index), len(page))
	}
}

func TestAPageIsBoundedHoweverManyEventsAreKept(t *testing.T) {
	const all = 2_000
	b, inspector := inspected(t, open(t, fixture.NewSessions, nil), inspect.Options{Last: all}, nil)
	for i := range all {
		inspector.Observe(t.Context(), session.Event{Kind: session.Saved, Session: fmt.Sprintf("s%d", i)})
	}
	for _, query := range []string{"?page=events", "?page=list", "?page=list&limit=1000000"} {
		page := b.get(query)
		if got := rows(page); got != 500 {
			t.Errorf("%s shows %d events", query, got)
		}
		wantText(t, page, "earlier ones: a filter finds them")
	}
	wantText(t, b.get("?page=events&session=s7"), "s7<") // one of the earlier
}

func TestAPageBehindAGuardIsNotAmongTheEvents(t *testing.T) {
	sessions := open(t, fixture.NewSessions, nil)
	b, inspector := inspected(t, sessions, inspect.Options{}, func(s *fixture.Session) { s.SetUserID(1) })
	b.handler = sessions.Middleware(sessions.Require((*fixture.Session).HasUserID, http.NotFoundHandler())(inspector))
	before := rows(b.get("?page=list"))
	if after := rows(b.get("?page=list")); after != before {
		t.Errorf("a page made %d events of its own", after-before)
	}
}

func TestManyRequestsMayTellAtOnce(t *testing.T) {
	sessions := open(t, fixture.NewSessions, nil)
	b, inspector := inspected(t, sessions, inspect.Options{Last: 10}, nil)
	done := make(chan struct{})
	for range 4 {
		go func() {
			defer func() { done <- struct{}{} }()
			for range 200 {
				inspector.Observe(context.Background(), session.Event{Kind: session.Saved, Tries: 2})
				w := httptest.NewRecorder()
				inspector.ServeHTTP(w, httptest.NewRequest(http.MethodGet, here+"?page=list", nil))
			}
		}()
	}
	for range 4 {
		<-done
	}
	wantText(t, b.get(""), ">800<")
}

func TestAnEventAllocatesNothing(t *testing.T) {
	inspector := inspect.New(open(t, fixture.NewSessions, nil), inspect.Options{})
	e, ctx := session.Event{Kind: session.Saved, Session: "abc", Keys: []string{"cart"}}, t.Context()
	if n := testing.AllocsPerRun(100, func() { inspector.Observe(ctx, e) }); n > 0 {
		t.Errorf("%v allocations an event", n)
	}
}

func BenchmarkObserve(b *testing.B) {
	sessions, err := fixture.NewSessions(memory.New(), config())
	if err != nil {
		b.Fatal(err)
	}
	inspector := inspect.New(sessions, inspect.Options{})
	e, ctx := session.Event{Kind: session.Saved, Session: "abc", Took: 300 * time.Microsecond, Keys: []string{"cart"}}, b.Context()
	for b.Loop() {
		inspector.Observe(ctx, e)
	}
}
