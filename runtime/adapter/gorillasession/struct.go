package gorillasession

import (
	"fmt"
	"reflect"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// NewStruct returns a Store over a field that is a struct, of which it gets two generated methods: F and SetF. A
// value's key is the name of one of its exported fields, whose type the value has; a field without a value is the zero
// value of its type, and is no value when it is loaded. The gorilla session's name does not matter. The field is set as
// a whole: of two requests that save at once the later one's values stay.
func NewStruct[S, T any](m *session.Manager[S], get func(*S) T, set func(*S, T)) *Store[S] {
	return &Store[S]{
		m: m,
		load: func(s *S, _ string) map[any]any {
			values := map[any]any{}
			for field, v := range reflect.ValueOf(get(s)).Fields() {
				if field.IsExported() && !v.IsZero() {
					values[field.Name] = v.Interface()
				}
			}
			return values
		},
		save: func(s *S, _ string, values map[any]any) error {
			var t T
			to := reflect.ValueOf(&t).Elem()
			for key, value := range values {
				name, _ := key.(string)
				field, ok := to.Type().FieldByName(name)
				if !ok || len(field.Index) > 1 || !field.IsExported() || reflect.TypeOf(value) != field.Type {
					return fmt.Errorf("gorillasession: %T has no field %v of type %T", t, key, value)
				}
				to.FieldByIndex(field.Index).Set(reflect.ValueOf(value))
			}
			set(s, t)
			return nil
		},
	}
}
