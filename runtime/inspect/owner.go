package inspect

import (
	"context"
	"encoding"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// An owner is a session.Owner without its type parameter.
type owner interface {
	list(context.Context) ([]sessionView, error)
	End(ctx context.Context, device string) error
	EndAll(context.Context) error
}

type ownerOf[S any] struct {
	session.Owner[S]
	site *siteOf[S]
}

func (o ownerOf[S]) list(ctx context.Context) ([]sessionView, error) {
	all, err := o.List(ctx)
	if err != nil {
		return nil, err
	}
	views := make([]sessionView, len(all))
	for i, s := range all {
		views[i] = o.site.view(s)
	}
	return views, nil
}

// owner returns the one whom a text names: what the owner field's type reads from it. The error does not quote it.
func (s *siteOf[S]) owner(text string) (owner, error) {
	i := s.ownerField()
	if i < 0 {
		return nil, errors.New("the schema has no owner")
	}
	write, err := ownerWriter(&s.in.Schema().Fields[i], s.types[i], text)
	if err != nil {
		return nil, err
	}
	return ownerOf[S]{session.OwnerOf(s.sessions, text, write), s}, nil
}

// ownerWriter returns what writes the value that a text names as the generated code does.
func ownerWriter(f *record.Field, t reflect.Type, text string) (func(*record.Writer, string), error) {
	var write func(*record.Writer, string)
	var err error
	switch f.Type {
	case record.String:
		return (*record.Writer).String, nil
	case record.Duration:
		var d time.Duration
		d, err = time.ParseDuration(text)
		write = func(w *record.Writer, _ string) { w.Duration(d) }
	case record.Time:
		var at time.Time
		at, err = time.Parse(time.RFC3339Nano, text)
		write = func(w *record.Writer, _ string) { w.Time(at) }
	case record.Int, record.Int8, record.Int16, record.Int32, record.Int64:
		var n int64
		n, err = strconv.ParseInt(text, 10, bitsOf(t))
		write = func(w *record.Writer, _ string) { w.Int64(n) }
	case record.Uint, record.Uint8, record.Uint16, record.Uint32, record.Uint64:
		var n uint64
		n, err = strconv.ParseUint(text, 10, bitsOf(t))
		write = func(w *record.Writer, _ string) { w.Uint64(n) }
	default:
		return marshaled(f, t, text)
	}
	if err != nil {
		return nil, fmt.Errorf("this is no %s", f.Name)
	}
	return write, nil
}

func bitsOf(t reflect.Type) int {
	if t == nil {
		return 64
	}
	return t.Bits()
}

// marshaled is ownerWriter for a type with marshalers. The generator writes by MarshalBinary what has it, else by
// MarshalText; which it was, the field's check tells.
func marshaled(f *record.Field, t reflect.Type, text string) (func(*record.Writer, string), error) {
	if t == nil {
		return nil, errors.New("the generated code does not tell the owner's type")
	}
	v := reflect.New(t).Interface()
	reader, ok := v.(encoding.TextUnmarshaler)
	if !ok {
		return nil, fmt.Errorf("%s cannot be read from a text: it has no UnmarshalText", t)
	}
	if reader.UnmarshalText([]byte(text)) != nil {
		return nil, fmt.Errorf("this is no %s", f.Name)
	}
	var candidates []func(*record.Writer, string)
	if m, ok := v.(encoding.BinaryMarshaler); ok {
		candidates = append(candidates, func(w *record.Writer, _ string) { record.WriteBinary(w, m) })
	}
	if m, ok := v.(encoding.TextMarshaler); ok {
		candidates = append(candidates, func(w *record.Writer, _ string) { record.WriteText(w, m) })
	}
	for _, write := range candidates {
		w := record.NewWriter(nil)
		write(w, text)
		encoded, err := w.Encoded()
		if r := record.NewReader(encoded); err == nil {
			if f.Check(r); r.Err() == nil {
				return write, nil
			}
		}
	}
	return nil, fmt.Errorf("this is no %s", f.Name)
}

// An ownerView is what the page shows of an owner.
type ownerView struct {
	page
	Done     string
	Err      error
	Sessions []sessionView
}

// ownerPage does what a form asks for, and lists the sessions that there are then.
func (i *Inspector) ownerPage(r *http.Request) ownerView {
	v := ownerView{page: i.page(r)}
	text := r.PostForm.Get("owner")
	if !v.Secret {
		v.Text = text
	}
	o, err := i.site.owner(text)
	if err != nil {
		v.Err = err
		return v
	}
	switch device := r.PostForm.Get("end"); {
	case device != "":
		if v.Err = o.End(r.Context(), device); v.Err == nil {
			v.Done = "The session has ended."
		}
	case r.PostForm.Get("do") == "end-all":
		if v.Err = o.EndAll(r.Context()); v.Err == nil {
			v.Done = "All sessions have ended."
		}
	}
	if v.Sessions, err = o.list(r.Context()); v.Err == nil {
		v.Err = err
	}
	return v
}
