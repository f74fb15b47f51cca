package session

import (
	"net/http"
	"reflect"
)

// sent reports whether a response's header is known to have gone out: w, or a writer that it wraps, says so. The
// server's own writer cannot be asked. Frameworks' can, each in its own way, and the order of the questions matters:
//
//   - a writer of this package knows;
//   - Written() bool is meant for this (gin, negroni, macaron, beego), and goes before what follows, because gin's
//     Status is 200 and negroni's Size is 0 before anything is written;
//   - so is a field Committed (echo);
//   - Size() int above zero says that there is a body already;
//   - Status() int (chi) says it only where it was 0 when the session was loaded, which unset tells: many writers of
//     that kind begin with 200.
func sent(w http.ResponseWriter, unset bool) bool {
	for ; w != nil; w = unwrapped(w) {
		switch x := w.(type) {
		case *writer:
			if s := x.state.Load(); s == stateLate || s == stateSent {
				return true
			}
		case interface{ Written() bool }:
			if x.Written() {
				return true
			}
		default:
			if committed(w) || size(w) > 0 || unset && status(w) > 0 {
				return true
			}
		}
	}
	return false
}

// answered returns the status that a framework's writer has sent or is about to send, or 0 where none says.
func answered(w http.ResponseWriter) int {
	for ; w != nil; w = unwrapped(w) {
		if s := status(w); s != 0 {
			return s
		}
	}
	return 0
}

// beforeHeader has f called with the status when a response's header is about to go out, if w or a writer that it wraps
// takes such functions (echo).
func beforeHeader(w http.ResponseWriter, f func(status int)) {
	for ; w != nil; w = unwrapped(w) {
		if x, ok := w.(interface{ Before(f func()) }); ok {
			x.Before(func() { f(status(w)) })
			return
		}
	}
}

// hasNoStatus reports whether a writer in the chain says that no status has been set yet, so that one that is set later
// tells something.
func hasNoStatus(w http.ResponseWriter) bool {
	for ; w != nil; w = unwrapped(w) {
		if s, ok := w.(interface{ Status() int }); ok && s.Status() == 0 {
			return true
		}
	}
	return false
}

// unwrapped returns the writer that w wraps, as http.ResponseController finds it, or nil.
func unwrapped(w http.ResponseWriter) http.ResponseWriter {
	if x, ok := w.(interface{ Unwrap() http.ResponseWriter }); ok {
		return x.Unwrap()
	}
	return nil
}

func size(w http.ResponseWriter) int {
	if x, ok := w.(interface{ Size() int }); ok {
		return x.Size()
	}
	return 0
}

func status(w http.ResponseWriter) int {
	if x, ok := w.(interface{ Status() int }); ok {
		return x.Status()
	}
	if f := field(w, "Status"); f.Kind() == reflect.Int {
		return int(f.Int())
	}
	return 0
}

func committed(w http.ResponseWriter) bool {
	f := field(w, "Committed")
	return f.Kind() == reflect.Bool && f.Bool()
}

// field returns the field of a wrapping writer that is a struct, or the zero Value.
func field(w http.ResponseWriter, name string) reflect.Value {
	v := reflect.Indirect(reflect.ValueOf(w))
	if unwrapped(w) == nil || v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	f, ok := v.Type().FieldByName(name)
	if !ok || !f.IsExported() {
		return reflect.Value{}
	}
	v, _ = v.FieldByIndexErr(f.Index)
	return v
}
