package inspect

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A site is a Manager without its type parameter.
type site interface {
	logger() *slog.Logger
	guarded(*http.Request) bool
	about() schemaView
	ownerField() int
	visitor(*http.Request) (sessionView, error)
	nodes(context.Context) []session.Node
	owner(text string) (owner, error)
}

type siteOf[S any] struct {
	in       session.Inspection[S]
	sessions *session.Manager[S]
	store    session.Store
	types    []reflect.Type // of the fields; nil where the generated code does not tell
}

func newSite[S any](in session.Inspection[S], sessions *session.Manager[S], store session.Store) *siteOf[S] {
	s := &siteOf[S]{in: in, sessions: sessions, store: store}
	schema := schemaOf(reflect.TypeFor[S]())
	for _, f := range in.Schema().Fields {
		var t reflect.Type
		if schema != nil {
			if member, ok := schema.FieldByName(f.Name); ok {
				t = member.Type
			}
		}
		s.types = append(s.types, t)
	}
	return s
}

// schemaOf returns the struct that a generated session type was made from, which its marker names.
func schemaOf(generated reflect.Type) reflect.Type {
	for i := range generated.NumField() {
		if marker, ok := reflect.New(generated.Field(i).Type).Interface().(interface{ Schema() reflect.Type }); ok {
			return marker.Schema()
		}
	}
	return nil
}

func (s *siteOf[S]) logger() *slog.Logger         { return s.in.Config().Logger }
func (s *siteOf[S]) guarded(r *http.Request) bool { return s.in.Guarded(r) }

// ownerField returns the number of the field that says whose a session is, or -1.
func (s *siteOf[S]) ownerField() int {
	for i, f := range s.in.Schema().Fields {
		if f.Owner > 0 {
			return i
		}
	}
	return -1
}

func (s *siteOf[S]) visitor(r *http.Request) (sessionView, error) {
	v, err := s.in.Peek(r)
	if err != nil {
		return sessionView{}, err
	}
	return s.view(v), nil
}

func (s *siteOf[S]) nodes(ctx context.Context) []session.Node {
	return session.Nodes(ctx, fmt.Sprintf("%T", s.store), s.store)
}

// A schemaView is what the page shows of a schema and of the Config.
type schemaView struct {
	Name, Identity, Cookie string
	Settings               []setting
	Fields                 []schemaField
}

type setting struct{ Name, Value string }

type schemaField struct {
	Name, Key, Type, Options string
	Secret                   bool
}

func (s *siteOf[S]) about() schemaView {
	schema, cfg := s.in.Schema(), s.in.Config()
	v := schemaView{Name: schema.Name, Identity: schema.Identity, Cookie: cfg.Cookie.Name}
	for _, set := range []setting{
		{"Cookie", cfg.Cookie.Name}, {"IdleTimeout", idle(cfg.IdleTimeout)}, {"Lifetime", span(cfg.Lifetime)},
		{"Anonymous", timeouts(cfg.Anonymous)}, {"Remembered", timeouts(cfg.Remembered)},
		{"SaveTimeout", cfg.SaveTimeout.String()}, {"MaxSize", grouped(cfg.MaxSize) + " bytes"},
		{"Bearer", fmt.Sprint(cfg.Bearer)}, {"KeyPrefix", cfg.KeyPrefix}, {"Identity", schema.Identity},
	} {
		if set.Value != "" {
			v.Settings = append(v.Settings, set)
		}
	}
	for i := range schema.Fields {
		v.Fields = append(v.Fields, s.field(i))
	}
	return v
}

func (s *siteOf[S]) field(i int) schemaField {
	f := &s.in.Schema().Fields[i]
	v := schemaField{Name: f.Name, Key: f.Key, Options: optionsOf(f), Secret: f.Secret}
	if s.types[i] != nil {
		v.Type = s.types[i].String()
	}
	return v
}

func timeouts(t session.Timeouts) string {
	return fmt.Sprintf("idle %s, in all %s", idle(t.Idle), span(t.Lifetime))
}

func idle(d time.Duration) string {
	if d == session.NoTimeout {
		return "none"
	}
	return span(d)
}

// short is a duration as people write it: 10m, not 10m0s.
func short(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// optionsOf are a field's options as its tag has them.
func optionsOf(f *record.Field) string {
	var text string
	add := func(on bool, option string) {
		if on && text != "" {
			text += ", "
		}
		if on {
			text += option
		}
	}
	add(f.Owner > 0, fmt.Sprintf("owner=%d", f.Owner))
	add(f.Renew && f.Owner == 0, "renew")
	add(f.Counter, "counter")
	add(f.Flash, "flash")
	add(f.Secret, "secret")
	add(f.TTL > 0, "ttl="+short(f.TTL))
	add(f.Max > 0, fmt.Sprintf("max=%d", f.Max))
	for _, old := range f.Was {
		add(true, "was="+old)
	}
	return text
}
