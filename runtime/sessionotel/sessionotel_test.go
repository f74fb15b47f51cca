package sessionotel_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/sessionotel"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

func TestEachKindCountsInOneMetric(t *testing.T) {
	counters := []string{
		"sessiongen.loads", "sessiongen.saves", "sessiongen.ends", "sessiongen.refusals", "sessiongen.failures", "sessiongen.faults",
	}
	where := map[session.Kind]string{
		session.Loaded: "loads", session.Missed: "loads", session.Created: "saves", session.Saved: "saves", session.LoggedIn: "saves",
		session.Renewed: "saves", session.Taken: "saves", session.Counted: "saves", session.Gone: "saves", session.Destroyed: "ends",
		session.Revoked: "ends", session.Refused: "refusals", session.Unreadable: "faults", session.Misfit: "faults", session.Failed: "failures",
	}
	for k := session.Loaded; k <= session.Failed; k++ {
		l := newLab(t, "")
		l.Observe(t.Context(), session.Event{Kind: k, Tries: 3, Took: time.Millisecond, Bytes: 200})
		for _, name := range counters {
			want := int64(0)
			if name == "sessiongen."+where[k] {
				want = 1
			}
			if got := l.sum(name, map[string]string{"sessiongen.outcome": k.String()}); got != want {
				t.Errorf("%v: %s is %d, want %d", k, name, got, want)
			}
		}
		if got := l.sum("sessiongen.conflicts", nil); got != 2 {
			t.Errorf("%v: %d conflicts", k, got)
		}
		found := slices.Contains([]session.Kind{session.Refused, session.Unreadable, session.Misfit}, k)
		if got := l.sum("sessiongen.call.duration", nil); (got == 1) == found {
			t.Errorf("%v: %d durations", k, got)
		}
	}
}

func TestWhoHasToActIsToldApart(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		ctx           context.Context
		e             session.Event
		errorType, of string
	}{
		{t.Context(), session.Event{Kind: session.Failed, Err: session.ErrUnavailable}, "unavailable", "operator"},
		{t.Context(), session.Event{Kind: session.Failed, Err: fmt.Errorf("%w, %w", session.ErrUnavailable, session.ErrUnknown)}, "unknown", "operator"},
		{t.Context(), session.Event{Kind: session.Failed, Err: session.ErrConflict}, "conflict", "operator"},
		{t.Context(), session.Event{Kind: session.Unreadable, Err: session.ErrGone}, "unreadable", "operator"},
		{t.Context(), session.Event{Kind: session.Failed, Err: &session.SizeError{}}, "too_large", "program"},
		{t.Context(), session.Event{Kind: session.Failed, Err: &session.FieldError{Err: errors.New("too many")}}, "field", "program"},
		{t.Context(), session.Event{Kind: session.Failed, Err: session.ErrLateSave}, "late", "program"},
		{t.Context(), session.Event{Kind: session.Misfit}, "misfit", "program"},
		{t.Context(), session.Event{Kind: session.Gone, Err: session.ErrGone}, "ended", "visitor"},
		{t.Context(), session.Event{Kind: session.Refused, Err: session.ErrGone}, "ended", "visitor"},
		{t.Context(), session.Event{Kind: session.Refused, Err: session.ErrInvalidToken}, "invalid_token", "visitor"},
		{gone, session.Event{Kind: session.Failed, Err: session.ErrUnavailable}, "canceled", "visitor"},
		{gone, session.Event{Kind: session.Failed, Err: session.ErrLateSave, Keys: []string{"user_id"}}, "canceled", "visitor"},
		{gone, session.Event{Kind: session.Failed, Err: session.ErrUnavailable, Keys: []string{"visits"}, Tries: 1}, "unavailable", "operator"},
	} {
		l := newLab(t, "")
		ctx, parent := l.traces.Tracer("test").Start(c.ctx, "GET /")
		l.Observe(ctx, c.e)
		parent.End()
		total := int64(0)
		for _, name := range []string{"sessiongen.failures", "sessiongen.faults", "sessiongen.refusals", "sessiongen.saves"} {
			total += l.sum(name, map[string]string{"error.type": c.errorType, "sessiongen.concern": c.of})
		}
		if total != 1 {
			t.Errorf("%v %v is not %s of the %s: %v", c.e.Kind, c.e.Err, c.errorType, c.of, l.points())
		}
		if got, want := l.spans.Ended()[0].Status().Code == codes.Error, c.of != "visitor"; got != want {
			t.Errorf("%v %v: its span is an error: %t", c.e.Kind, c.e.Err, got)
		}
	}
}

// What a real site's calls make, from a login to a logout.
func TestASpanJoinsTheRequestsAndBeginsWithItsCall(t *testing.T) {
	l := newLab(t, "__Host-session")
	sessions, err := fixture.NewSessions(memory.New(), l.config())
	if err != nil {
		t.Fatal(err)
	}
	ctx, parent := l.traces.Tracer("test").Start(t.Context(), "POST /login")
	before := time.Now()
	x, err := sessions.Load(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "POST", "/login", nil))
	if err != nil {
		t.Fatal(err)
	}
	x.SetUserID(7)
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	spans := l.spans.Ended()
	parent.End()
	if len(spans) != 1 || spans[0].Name() != "session logged_in" {
		t.Fatalf("%d spans", len(spans))
	}
	s := spans[0]
	if s.Parent().SpanID() != parent.SpanContext().SpanID() || s.SpanContext().TraceID() != parent.SpanContext().TraceID() {
		t.Error("the span is none of the request's")
	}
	if s.StartTime().Before(before) || !s.EndTime().After(s.StartTime()) {
		t.Errorf("from %v to %v; the call began after %v", s.StartTime(), s.EndTime(), before)
	}
	got := make(map[string]string)
	for _, a := range s.Attributes() {
		got[string(a.Key)] = a.Value.String()
	}
	m := x.Meta()
	for key, want := range map[string]string{
		"session.id": m.ID, "sessiongen.outcome": "logged_in", "sessiongen.tries": "1", "sessiongen.keys": `["user_id"]`,
		"sessiongen.record.size": fmt.Sprint(m.Size), "sessiongen.manager": "__Host-session",
	} {
		if got[key] != want {
			t.Errorf("%s is %q, want %q", key, got[key], want)
		}
	}
	if n := l.sum("sessiongen.saves", map[string]string{"sessiongen.manager": "__Host-session"}); n != 1 {
		t.Errorf("%d saves", n)
	}
}

// A down store answers nothing.
type down struct {
	session.Store
	is atomic.Bool
}

func (d *down) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	if d.is.Load() {
		return nil, session.Version{}, errors.New("down")
	}
	return d.Store.Get(ctx, key)
}

func (d *down) Delete(ctx context.Context, key string) error {
	if d.is.Load() {
		return errors.New("down")
	}
	return d.Store.Delete(ctx, key)
}

func (d *down) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	if d.is.Load() {
		return errors.New("down")
	}
	return d.Store.Swap(ctx, key, value, v, ttl)
}

func TestALogoutThatFailsIsTheOperatorsThoughTheClientHasLeft(t *testing.T) {
	l, store := newLab(t, ""), &down{Store: memory.New()}
	sessions, err := fixture.NewSessions(store, l.config())
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	x, err := sessions.Load(w, httptest.NewRequest("GET", "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	x.SetVisits(1)
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	r := httptest.NewRequestWithContext(ctx, "POST", "/logout", nil)
	r.AddCookie(w.Result().Cookies()[0])
	if x, err = sessions.Load(httptest.NewRecorder(), r); err != nil {
		t.Fatal(err)
	}
	x.SetVisits(2)
	if err := x.Save(); err != nil { // the record is to be read again
		t.Fatal(err)
	}
	leave()
	store.is.Store(true)
	if err := x.Destroy(); !errors.Is(err, session.ErrUnavailable) {
		t.Fatal(err)
	}
	if n := l.sum("sessiongen.failures", map[string]string{"sessiongen.concern": "visitor"}); n != 0 {
		t.Errorf("it is taken for the visitor's: %v", l.points())
	}
	if _, err := sessions.Load(httptest.NewRecorder(), r); err == nil {
		t.Fatal("a store that is down has answered")
	}
	if n := l.sum("sessiongen.failures", map[string]string{"error.type": "canceled"}); n != 1 {
		t.Errorf("a load of who has left is not: %v", l.points())
	}
}

func TestWithoutASpanThereIsNone(t *testing.T) {
	l := newLab(t, "")
	l.Observe(t.Context(), session.Event{Kind: session.Loaded})
	if n := len(l.spans.Ended()); n != 0 {
		t.Errorf("%d spans of a context without one", n)
	}
}

// A label whose values visitors choose would fill the store of metrics.
func TestNoLabelGrowsWithTheVisitors(t *testing.T) {
	l := newLab(t, "")
	for i := range 1000 {
		for k := session.Loaded; k <= session.Failed; k++ {
			l.Observe(t.Context(), session.Event{
				Kind: k, Session: fmt.Sprint("s", i), Owner: fmt.Sprint("o", i), Tries: i, Bytes: i, Keys: []string{fmt.Sprint("k", i)},
				Took: time.Duration(i), Err: &session.FieldError{Key: fmt.Sprint("k", i), Err: session.ErrConflict},
			})
		}
	}
	for name, points := range l.points() {
		if len(points) > int(session.Failed) {
			t.Errorf("%s has %d series", name, len(points))
		}
	}
}

func TestAKindOfANewerRuntimeIsNotCounted(t *testing.T) {
	l := newLab(t, "")
	l.Observe(t.Context(), session.Event{Kind: session.Failed + 1})
	if got := l.points(); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestAnEventWithoutASpanAllocatesNothing(t *testing.T) {
	o, err := sessionotel.New(sessionotel.Options{MeterProvider: noop.NewMeterProvider(), TracerProvider: tracenoop.NewTracerProvider()})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	e := session.Event{Kind: session.Saved, Tries: 2, Bytes: 200, Took: time.Millisecond}
	if n := testing.AllocsPerRun(100, func() { o.Observe(ctx, e) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkObserve(b *testing.B) {
	l := newLab(&testing.T{}, "")
	e := session.Event{Kind: session.Saved, Tries: 1, Bytes: 200, Took: time.Millisecond, Keys: []string{"visits"}}
	b.ReportAllocs()
	for b.Loop() {
		l.Observe(context.Background(), e)
	}
}
