package sessionotel

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// The attributes of spans beside those of metrics. session.id and enduser.pseudo.id are of the semantic conventions:
// hashes here, the ones that stand in the program's log too.
const (
	sessionID = attribute.Key("session.id")
	ownerID   = attribute.Key("enduser.pseudo.id")
	triesKey  = attribute.Key("sessiongen.tries")
	sizeKey   = attribute.Key("sessiongen.record.size")
	keysKey   = attribute.Key("sessiongen.keys")
)

// span makes a span of an event, which comes when it is over.
func (o *observer) span(ctx context.Context, e session.Event, c cause) {
	end := time.Now()
	_, span := o.tracer.Start(ctx, "session "+e.Kind.String(), trace.WithTimestamp(end.Add(-e.Took)))
	defer span.End(trace.WithTimestamp(end))
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(attributes(e.Kind, c, o.manager)...)
	for _, text := range [...]struct {
		key   attribute.Key
		value string
	}{{sessionID, e.Session}, {ownerID, e.Owner}} {
		if text.value != "" {
			span.SetAttributes(text.key.String(text.value))
		}
	}
	for _, n := range [...]struct {
		key   attribute.Key
		value int
	}{{triesKey, e.Tries}, {sizeKey, e.Bytes}} {
		if n.value != 0 {
			span.SetAttributes(n.key.Int(n.value))
		}
	}
	if len(e.Keys) > 0 {
		span.SetAttributes(keysKey.StringSlice(e.Keys))
	}
	if c != causeNone && c.concern() != visitor {
		text := causeNames[c]
		if e.Err != nil {
			text = e.Err.Error()
		}
		span.SetStatus(codes.Error, text)
	}
}
