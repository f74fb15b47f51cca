package sessionotel_test

import (
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/sessionotel"
)

// A lab is an Observer and what comes of it.
type lab struct {
	session.Observer
	t      *testing.T
	reader *sdkmetric.ManualReader
	spans  *tracetest.SpanRecorder
	traces *sdktrace.TracerProvider
}

func newLab(t *testing.T, manager string) *lab {
	t.Helper()
	l := &lab{t: t, reader: sdkmetric.NewManualReader(), spans: tracetest.NewSpanRecorder()}
	l.traces = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(l.spans))
	var err error
	l.Observer, err = sessionotel.New(sessionotel.Options{
		MeterProvider: sdkmetric.NewMeterProvider(sdkmetric.WithReader(l.reader)), TracerProvider: l.traces, Manager: manager,
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// config is for managers that the lab observes. A slow machine is no outage.
func (l *lab) config() session.Config {
	return session.Config{Secrets: [][]byte{fixture.Secret("s")}, Observer: l, SaveTimeout: time.Minute}
}

// A point is what one set of attributes of a metric has come to: a sum, or how often a histogram was told something.
type point struct {
	attributes attribute.Set
	n          int64
}

// points returns what has been counted, by metric.
func (l *lab) points() map[string][]point {
	l.t.Helper()
	var data metricdata.ResourceMetrics
	if err := l.reader.Collect(l.t.Context(), &data); err != nil {
		l.t.Fatal(err)
	}
	all := make(map[string][]point)
	for _, scope := range data.ScopeMetrics {
		if scope.Scope.Name != sessionotel.Scope {
			l.t.Errorf("scope %q", scope.Scope.Name)
		}
		for _, m := range scope.Metrics {
			switch d := m.Data.(type) {
			case metricdata.Sum[int64]:
				if !d.IsMonotonic {
					l.t.Errorf("%s falls", m.Name)
				}
				for _, p := range d.DataPoints {
					all[m.Name] = append(all[m.Name], point{p.Attributes, p.Value})
				}
			case metricdata.Histogram[float64]:
				for _, p := range d.DataPoints {
					all[m.Name] = append(all[m.Name], point{p.Attributes, int64(p.Count)})
				}
			case metricdata.Histogram[int64]:
				for _, p := range d.DataPoints {
					all[m.Name] = append(all[m.Name], point{p.Attributes, int64(p.Count)})
				}
			default:
				l.t.Errorf("%s is a %T", m.Name, d)
			}
		}
	}
	return all
}

// sum returns what a metric has come to for all attributes that have these values.
func (l *lab) sum(metric string, with map[string]string) (sum int64) {
	l.t.Helper()
points:
	for _, p := range l.points()[metric] {
		for key, want := range with {
			if v, _ := p.attributes.Value(attribute.Key(key)); v.AsString() != want {
				continue points
			}
		}
		sum += p.n
	}
	return sum
}
