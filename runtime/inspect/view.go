package inspect

import (
	"log/slog"
	"reflect"
	"slices"
	"time"

	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A sessionView is what the page shows of one session.
type sessionView struct {
	session.Meta
	Fields  []fieldView
	Unknown []unknown // what the record has beside the schema's fields
}

// A fieldView is one field of a session.
type fieldView struct {
	schemaField
	State string // absent, expired, misfit, secret; empty where Value counts
	Value string
	Bytes int           // in the record, its key included
	Left  time.Duration // of its ttl; 0: it has none
}

// An unknown is a key of the record that is no field's.
type unknown struct {
	Key   string
	Bytes int
}

// The states of fields.
const (
	absent  = "absent"
	expired = "expired"
	misfit  = "does not fit its type"
	secret  = "secret"
)

func (s *siteOf[S]) view(generated *S) sessionView {
	schema := s.in.Schema()
	core := schema.Core(generated)
	v := sessionView{Meta: core.Meta()}
	sizes := record.Sizes(core.Work().Base())
	values := valuesOf(schema, generated)
	now := s.in.Config().Now()
	for i := range schema.Fields {
		f := &schema.Fields[i]
		field := fieldView{schemaField: s.field(i)}
		for _, key := range append(slices.Clip(f.Was), f.Key) {
			field.Bytes += sizes[key]
			delete(sizes, key)
		}
		if end := core.Work().Deadline(i); end != 0 {
			field.Left = time.Unix(0, end).Sub(now)
		}
		switch value, has := values[f.Key]; {
		case !has && field.Left < 0:
			field.State, field.Left = expired, 0
		case !has && field.Bytes > 0 && !core.Work().Holds(i):
			field.State = misfit
		case !has:
			field.State = absent
		case f.Secret:
			field.State = secret
		default:
			field.Value = valueText(value)
		}
		v.Fields = append(v.Fields, field)
	}
	for key, n := range sizes {
		if key != record.OwnerKey {
			v.Unknown = append(v.Unknown, unknown{printing(key), n})
		}
	}
	slices.SortFunc(v.Unknown, func(a, b unknown) int { return b.Bytes - a.Bytes })
	return v
}

// valuesOf are the values of the fields that have one, by key, of their own types: those of the generated Snapshot. What
// that leaves out, which are flashes, is as LogValue shows it, escaped where it does not print. Secrets are among them.
func valuesOf[S any](schema session.Schema[S], generated *S) map[string]any {
	values := make(map[string]any)
	whole := snapshot(generated)
	core, rest := schema.Core(generated), false
	for i := range schema.Fields {
		f := &schema.Fields[i]
		if !core.Fields.Has(i) {
			continue
		}
		if f.Flash || !whole.IsValid() || !whole.FieldByName(f.Name).IsValid() {
			rest = true
			continue
		}
		values[f.Key] = whole.FieldByName(f.Name).Interface()
	}
	logged, ok := any(generated).(slog.LogValuer)
	if !rest || !ok {
		return values
	}
	for _, a := range logged.LogValue().Resolve().Group() {
		if _, typed := values[a.Key]; !typed {
			values[a.Key] = a.Value.Resolve().Any()
		}
	}
	return values
}

// snapshot returns the struct that the generated Snapshot returns, or no value.
func snapshot(generated any) reflect.Value {
	method := reflect.ValueOf(generated).MethodByName("Snapshot")
	if !method.IsValid() || method.Type().NumIn() != 0 || method.Type().NumOut() != 1 ||
		method.Type().Out(0).Kind() != reflect.Struct {
		return reflect.Value{}
	}
	return method.Call(nil)[0]
}
