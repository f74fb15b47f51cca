package sessionotel_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/sessionotel"
)

// exported returns what Prometheus gets when everything has happened: the names of series, and label=value pairs.
func exported(t *testing.T) (series, labels map[string]bool) {
	t.Helper()
	registry := prom.NewRegistry()
	exporter, err := prometheus.New(prometheus.WithRegisterer(registry))
	if err != nil {
		t.Fatal(err)
	}
	o, err := sessionotel.New(sessionotel.Options{
		MeterProvider: sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter)), Manager: "__Host-session",
	})
	if err != nil {
		t.Fatal(err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for k := session.Loaded; k <= session.Failed; k++ {
		e := session.Event{Kind: k, Took: time.Millisecond, Bytes: 200, Tries: 2}
		switch k {
		case session.Gone, session.Unreadable:
			e.Err = session.ErrGone
		case session.Refused:
			o.Observe(t.Context(), session.Event{Kind: k, Err: session.ErrInvalidToken})
			e.Err = session.ErrGone
		case session.Failed:
			for _, err := range []error{
				session.ErrUnknown, session.ErrConflict, session.ErrTooLarge, session.ErrLateSave,
				&session.FieldError{Err: errors.New("too many")},
			} {
				o.Observe(t.Context(), session.Event{Kind: k, Err: err})
			}
			o.Observe(canceled, session.Event{Kind: k, Err: session.ErrUnavailable})
			e.Err = session.ErrUnavailable
		}
		o.Observe(t.Context(), e)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	series, labels = make(map[string]bool), make(map[string]bool)
	for _, f := range families {
		series[f.GetName()] = true
		for _, m := range f.GetMetric() {
			if m.Histogram != nil {
				for _, suffix := range []string{"_bucket", "_count", "_sum"} {
					series[f.GetName()+suffix] = true
				}
			}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = true
				labels[l.GetName()+"="+l.GetValue()] = true
			}
		}
	}
	return series, labels
}

var (
	matcher = regexp.MustCompile(`([a-z_]+)=(~?)"([^"$]+)"`)
	named   = regexp.MustCompile(`\bsessiongen_[a-z_]+`)
)

// checkExpression complains of a metric, a label or a label's value in a query that nothing exports.
func checkExpression(t *testing.T, series, labels map[string]bool, where, expr string) {
	t.Helper()
	for _, name := range named.FindAllString(expr, -1) {
		if !series[name] && !labels[name] {
			t.Errorf("%s: nothing is called %s", where, name)
		}
	}
	for _, m := range matcher.FindAllStringSubmatch(expr, -1) {
		values := []string{m[3]}
		if m[2] == "~" {
			values = strings.Split(m[3], "|")
		}
		for _, v := range values {
			if !labels[m[1]+"="+v] {
				t.Errorf("%s: %s is never %q", where, m[1], v)
			}
		}
	}
}

func TestTheDashboardShowsWhatThereIs(t *testing.T) {
	series, labels := exported(t)
	text, err := os.ReadFile("dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			ID      int
			Title   string
			Type    string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	shown, ids := make(map[string]bool), make(map[int]bool)
	for _, p := range board.Panels {
		if ids[p.ID] {
			t.Errorf("%s: another panel has the id %d", p.Title, p.ID)
		}
		ids[p.ID] = true
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("%s shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			if !named.MatchString(target.Expr) {
				t.Errorf("%s: %s is about nothing of ours", p.Title, target.Expr)
			}
			checkExpression(t, series, labels, p.Title, target.Expr)
			for _, name := range named.FindAllString(target.Expr, -1) {
				shown[name] = true
			}
		}
	}
	for name := range series {
		metric := regexp.MustCompile(`_(bucket|count|sum)$`).ReplaceAllString(name, "")
		if strings.HasPrefix(name, "sessiongen_") && !shown[metric] && !shown[metric+"_bucket"] {
			t.Errorf("no panel shows %s", name)
		}
	}
}

func TestAlarmsAndThePageNameWhatThereIs(t *testing.T) {
	series, labels := exported(t)
	for _, file := range []string{"alerts.yaml", "../../doc/observability.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !named.Match(text) {
			t.Errorf("%s names no metric", file)
		}
		checkExpression(t, series, labels, file, string(text))
	}
}
