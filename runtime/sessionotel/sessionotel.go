// Package sessionotel makes OpenTelemetry metrics and spans of what happens to sessions.
//
//	observer, err := sessionotel.New(sessionotel.Options{})
//	sessions, err := web.NewSessions(store, session.Config{Secrets: secrets, Observer: observer})
//
// What the metrics are for, which alarms to set and a dashboard for Grafana: see doc/observability.md and
// dashboard.json beside this file.
//
// No label has more values than can be counted: session, owner and keys are attributes of spans alone.
package sessionotel

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// Scope is the name of the meter and of the tracer.
const Scope = "github.com/sessiongen/sessiongen/runtime/sessionotel"

// Options say where metrics and spans go. The zero value is ready to use.
type Options struct {
	// MeterProvider is default otel.GetMeterProvider(). With package noop's there are no metrics.
	MeterProvider metric.MeterProvider

	// TracerProvider is default otel.GetTracerProvider(). With package noop's there are no spans.
	TracerProvider trace.TracerProvider

	// Manager tells the sessions of one Manager from those of others, as the attribute sessiongen.manager of all metrics
	// and spans: the cookie's name, or the session type's. Default none.
	Manager string
}

// New returns an Observer for Config.Observer. The error is one of the MeterProvider's.
//
// A span is made of each event whose context has a span already, a child of that: it begins when the call began. What
// only says that a visitor came too late is no error of a span; what somebody has to look at is.
func New(o Options) (session.Observer, error) {
	if o.MeterProvider == nil {
		o.MeterProvider = otel.GetMeterProvider()
	}
	if o.TracerProvider == nil {
		o.TracerProvider = otel.GetTracerProvider()
	}
	m, err := newMeters(o.MeterProvider.Meter(Scope), o.Manager)
	if err != nil {
		return nil, fmt.Errorf("sessionotel: %w", err)
	}
	return &observer{meters: m, tracer: o.TracerProvider.Tracer(Scope), manager: o.Manager}, nil
}

type observer struct {
	meters  *meters
	tracer  trace.Tracer
	manager string
}

func (o *observer) Observe(ctx context.Context, e session.Event) {
	c := causeOf(ctx, e)
	o.meters.count(ctx, e, c)
	if trace.SpanContextFromContext(ctx).IsValid() {
		o.span(ctx, e, c)
	}
}

// A cause is why something has failed, as error.type says it, and whose business that is.
type cause uint8

const (
	causeNone        cause = iota
	causeUnavailable       // the store is down or too slow
	causeUnknown           // ... and may have written
	causeConflict          // more writers of one session than it can take
	causeTooLarge          // the program keeps too much in a session
	causeField             // a value that cannot be stored
	causeLate              // the program saves after the header has gone out, or the client has left
	causeCanceled          // the client has left while the store was asked
	causeEnded             // the session is over
	causeInvalid           // a token that nobody has signed
	causeUnreadable        // a record that does not open: damaged, forged, or sealed under a secret that was dropped
	causeMisfit            // a stored value of another type than the schema's
	causes
)

var causeNames = [causes]string{
	"", "unavailable", "unknown", "conflict", "too_large", "field", "late", "canceled", "ended", "invalid_token",
	"unreadable", "misfit",
}

// The values of the attribute sessiongen.concern: who has to look at it.
const (
	operator = "operator" // now: the store, the machines, the secrets
	program  = "program"  // whoever changes the program next
	visitor  = "visitor"  // nobody: it is in the nature of browsers
)

func (c cause) concern() string {
	switch c {
	case causeUnavailable, causeUnknown, causeConflict, causeUnreadable:
		return operator
	case causeTooLarge, causeField, causeMisfit, causeLate:
		return program
	}
	return visitor
}

func causeOf(ctx context.Context, e session.Event) cause {
	switch {
	case e.Kind == session.Unreadable:
		return causeUnreadable
	case e.Kind == session.Misfit:
		return causeMisfit
	case e.Err == nil:
		return causeNone
	case e.Kind == session.Refused && errors.Is(e.Err, session.ErrInvalidToken):
		return causeInvalid
	case errors.Is(e.Err, session.ErrGone):
		return causeEnded
	case errors.Is(ctx.Err(), context.Canceled) && e.Tries == 0 && (isLoad(e) || errors.Is(e.Err, session.ErrLateSave)):
		return causeCanceled // a load ends with its request; a Save does not, but for a renewal
	}
	return failure(e.Err)
}

// isLoad tells the failure of a load from that of a write: it has no keys, as that of a Destroy, and unlike that no
// session yet or, where only the touch has failed, the record that was read.
func isLoad(e session.Event) bool { return len(e.Keys) == 0 && (e.Session == "" || e.Bytes > 0) }

func failure(err error) cause {
	if _, ok := errors.AsType[*session.FieldError](err); ok {
		return causeField
	}
	for _, known := range [...]struct {
		err error
		as  cause
	}{
		{session.ErrUnknown, causeUnknown}, {session.ErrUnavailable, causeUnavailable},
		{session.ErrConflict, causeConflict}, {session.ErrTooLarge, causeTooLarge}, {session.ErrLateSave, causeLate},
	} {
		if errors.Is(err, known.err) {
			return known.as
		}
	}
	return causeUnknown
}
