package concurrency

import (
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture/wide"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func OfManyRequestsThatEachSetAFieldAllSurvive(t *testing.T, connect func() session.Store) {
	const work = 5 * time.Millisecond // what a handler does between Load and Save
	for _, c := range []struct{ requests, trials, processes int }{
		{64, 20, 1},
		{64, 20, processes},
		{256, 3, 1},
		{256, 3, processes},
	} {
		t.Run(fmt.Sprintf("%d of %d processes", c.requests, c.processes), func(t *testing.T) {
			var all sync.WaitGroup // of the requests of a trial: each has loaded before one saves
			site := newSite(t, func(int) http.Handler {
				return rows(t, connect(), c.requests, func() {
					all.Done()
					all.Wait()
					time.Sleep(work)
				})
			})
			name := func(i int) string {
				return fmt.Sprintf("F%0*d", len(strconv.Itoa(c.requests-1)), i)
			}
			for range count(c.trials) {
				b := site.browser(t)
				b.get(0, "/?first=yes&field="+name(0))
				all.Add(c.requests)
				Together(c.requests, func(i int) {
					b.get(i%c.processes, "/?field="+name(i))
				})
				if got := b.get(0, "/").Header.Get("Set"); got != strconv.Itoa(c.requests) {
					t.Errorf("%s of %d fields survived", got, c.requests)
				}
			}
		})
	}
}

// rows serves sessions with one string field for each request. A request sets the field that it names to its name; one
// that names none is told how many fields have that value.
func rows(t *testing.T, store session.Store, fields int, between func()) http.Handler {
	if fields == 64 {
		m, err := wide.NewRow64s(store, Config())
		return rowHandler(t, m, err, between)
	}
	m, err := wide.NewRow256s(store, Config())
	return rowHandler(t, m, err, between)
}

func rowHandler[S any](t *testing.T, m *session.Manager[S], err error, between func()) http.Handler {
	if err != nil {
		t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := m.Load(w, r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		v := reflect.ValueOf(s)
		field := r.FormValue("field")
		if field == "" {
			set := 0
			for f, value := range v.MethodByName("Snapshot").Call(nil)[0].Fields() {
				if value.String() == f.Name {
					set++
				}
			}
			w.Header().Set("Set", strconv.Itoa(set))
			return
		}
		if r.FormValue("first") == "" {
			between()
		}
		v.MethodByName("Set" + field).Call([]reflect.Value{reflect.ValueOf(field)})
		if err := v.Interface().(interface{ Save() error }).Save(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
}
