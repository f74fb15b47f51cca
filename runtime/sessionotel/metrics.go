package sessionotel

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// The attributes of metrics, all of few values.
const (
	outcomeKey = attribute.Key("sessiongen.outcome") // a Kind's name
	concernKey = attribute.Key("sessiongen.concern") // operator, program or visitor
	managerKey = attribute.Key("sessiongen.manager")
	errorType  = attribute.Key("error.type") // semantic conventions, general attributes
)

const outcomes = session.Failed + 1

// meters are the instruments, and for each outcome and cause the attributes ready made, so that an event allocates none.
type meters struct {
	loads, saves, ends, refusals, conflicts, failures, faults metric.Int64Counter

	duration metric.Float64Histogram
	size     metric.Int64Histogram

	added    [outcomes][causes][]metric.AddOption
	recorded [outcomes][causes][]metric.RecordOption
}

// Bounds of the histograms. A session is some hundred bytes; memcached takes 1 MiB. A load is some 100 µs beside the
// store; a Save ends after SaveTimeout, by default a second.
var (
	seconds = []float64{
		.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5,
	}
	bytes = []float64{128, 256, 512, 1 << 10, 2 << 10, 4 << 10, 8 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20}
)

func newMeters(m metric.Meter, manager string) (*meters, error) {
	x := new(meters)
	var errs []error
	counter := func(to *metric.Int64Counter, name, unit, what string) {
		var err error
		*to, err = m.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(what))
		errs = append(errs, err)
	}
	counter(&x.loads, "sessiongen.loads", "{load}", "Requests that asked for a session, by what they found.")
	counter(&x.saves, "sessiongen.saves", "{save}", "Writes of sessions, by what they did.")
	counter(&x.ends, "sessiongen.ends", "{session}", "Sessions that were ended, by the visitor or by the owner.")
	counter(&x.refusals, "sessiongen.refusals", "{request}", "Requests with a token that was refused, by why.")
	counter(&x.conflicts, "sessiongen.conflicts", "{conflict}", "Writes that were done again after another process's.")
	counter(&x.failures, "sessiongen.failures", "{call}", "Calls that failed, by why and whose concern it is.")
	counter(&x.faults, "sessiongen.faults", "{fault}", "Records that cannot be read, and values that do not fit.")
	var err error
	x.duration, err = m.Float64Histogram("sessiongen.call.duration", metric.WithUnit("s"),
		metric.WithDescription("How long calls took, the store included, by outcome."),
		metric.WithExplicitBucketBoundaries(seconds...))
	errs = append(errs, err)
	x.size, err = m.Int64Histogram("sessiongen.record.size", metric.WithUnit("By"),
		metric.WithDescription("Sizes of the records that were read and written, by outcome."),
		metric.WithExplicitBucketBoundaries(bytes...))
	errs = append(errs, err)
	for k := range outcomes {
		for c := range causes {
			with := metric.WithAttributeSet(attribute.NewSet(attributes(k, c, manager)...))
			x.added[k][c] = []metric.AddOption{with}
			x.recorded[k][c] = []metric.RecordOption{with}
		}
	}
	return x, errors.Join(errs...)
}

func attributes(k session.Kind, c cause, manager string) []attribute.KeyValue {
	all := []attribute.KeyValue{outcomeKey.String(k.String())}
	if c != causeNone {
		all = append(all, errorType.String(causeNames[c]), concernKey.String(c.concern()))
	}
	if manager != "" {
		all = append(all, managerKey.String(manager))
	}
	return all
}

func (x *meters) count(ctx context.Context, e session.Event, c cause) {
	if e.Kind >= outcomes {
		return // of a newer runtime
	}
	add := x.added[e.Kind][c]
	switch e.Kind {
	case session.Loaded, session.Missed:
		x.loads.Add(ctx, 1, add...)
	case session.Created, session.Saved, session.LoggedIn, session.Renewed, session.Taken, session.Counted, session.Gone:
		x.saves.Add(ctx, 1, add...)
	case session.Destroyed, session.Revoked:
		x.ends.Add(ctx, 1, add...)
	case session.Refused:
		x.refusals.Add(ctx, 1, add...)
	case session.Unreadable, session.Misfit:
		x.faults.Add(ctx, 1, add...)
	case session.Failed:
		x.failures.Add(ctx, 1, add...)
	}
	if e.Tries > 1 {
		x.conflicts.Add(ctx, int64(e.Tries-1), add...)
	}
	switch e.Kind {
	case session.Refused, session.Unreadable, session.Misfit: // found on the way of another call
		return
	}
	x.duration.Record(ctx, e.Took.Seconds(), x.recorded[e.Kind][c]...)
	if e.Bytes > 0 && c == causeNone {
		x.size.Record(ctx, int64(e.Bytes), x.recorded[e.Kind][c]...)
	}
}
