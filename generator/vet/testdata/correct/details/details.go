// Package details has correct code of all kinds: order of defers, copies that are counted, goroutines that are waited for, secrets that hide themselves.
package details

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"example.com/shop/web"
)

type app struct{ sessions *web.Sessions }

// deferred write after Save
func (a *app) deferWrite(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	code := 204
	defer func() { w.WriteHeader(code) }()
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		code = 503
	}
}

func (a *app) deferWrite2(w http.ResponseWriter, r *http.Request) {
	defer fmt.Fprint(w, "bye")
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		log.Print(err)
	}
}

// defers in the right order
func (a *app) deferOrder(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	defer w.WriteHeader(http.StatusNoContent)
	defer func() {
		if err := s.Save(); err != nil {
			log.Print(err)
		}
	}()
	s.AddVisits(1)
}

// failed flag
func (a *app) failedFlag(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	failed := false
	if r.FormValue("x") == "" {
		http.Error(w, "missing", http.StatusBadRequest)
		failed = true
	}
	if !failed {
		s.SetTheme(r.FormValue("x"))
		if err := s.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
		}
	}
}

// closures defined first
func (a *app) closures(w http.ResponseWriter, r *http.Request) {
	fail := func(code int, msg string) { http.Error(w, msg, code) }
	render := func(v any) { json.NewEncoder(w).Encode(v) }
	s, err := a.sessions.Load(w, r)
	if err != nil {
		fail(503, "x")
		return
	}
	s.SetTheme(r.FormValue("t"))
	if s.Theme() == "" {
		fail(400, "missing")
		return
	}
	if err := s.Save(); err != nil {
		fail(503, "x")
		return
	}
	render(s.Theme())
}

// range over func
func items(s *web.Session) iter.Seq[web.Item] { return slices.Values(s.Cart()) }

func (a *app) seq(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	for it := range items(s) {
		if it.Qty == 0 {
			continue
		}
		s.AddVisits(int64(it.Qty))
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// if-scoped
func (a *app) ifScoped(w http.ResponseWriter, r *http.Request) {
	if s, err := a.sessions.Load(w, r); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	} else if s.SetTheme("x"); r.Method == "GET" {
		http.Error(w, "method", 405)
	} else if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	} else {
		w.WriteHeader(http.StatusNoContent)
	}
}

// status in a variable
func (a *app) statusVariable(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme(r.FormValue("t"))
	if s.Theme() == "" {
		status := http.StatusBadRequest
		w.WriteHeader(status)
		return
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// api errors with their own code
type apiError struct {
	code int
	msg  string
}

func (e *apiError) write(w http.ResponseWriter) { http.Error(w, e.msg, e.code) }

var errMissing = &apiError{400, "missing"}

func (a *app) apiErr(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme(r.FormValue("t"))
	if s.Theme() == "" {
		errMissing.write(w)
		return
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// aliased: keys of a changed map are shown
func (a *app) keys(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	prefs := s.Prefs()
	delete(prefs, "internal")
	for k := range prefs {
		fmt.Fprintln(w, k)
	}
}

// aliased: counting what is left
func (a *app) count(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	paid := slices.DeleteFunc(s.Cart(), func(i web.Item) bool { return i.Qty == 0 })
	fmt.Fprintf(w, "%d items", len(paid))
}

func (a *app) count2(w http.ResponseWriter, s *web.Session) {
	prefs := s.Prefs()
	delete(prefs, "internal")
	if len(prefs) == 0 {
		fmt.Fprint(w, "no preferences")
	}
}

// distinct SKUs
func distinct(s *web.Session) int {
	skus := []string{}
	for _, i := range s.Cart() {
		skus = append(skus, i.SKU)
	}
	slices.Sort(skus)
	return len(slices.Compact(skus))
}

func tags(s *web.Session) int {
	t := s.Wizard().Tags
	slices.Sort(t)
	t = slices.Compact(t)
	return len(t)
}

// swap and set
func swap(s *web.Session) {
	c := s.Cart()
	c[0], c[1] = c[1], c[0]
	s.SetCart(c)
}

// escape: io.Pipe
func (a *app) pipe(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	pr, pw := io.Pipe()
	go func() {
		defer pw.Close()
		json.NewEncoder(pw).Encode(s.Cart())
	}()
	io.Copy(w, pr)
}

func (a *app) pipe2(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(json.NewEncoder(pw).Encode(s.Cart())) }()
	io.Copy(w, pr)
}

// secretleak: types that hide
type secret string

func (secret) String() string       { return "***" }
func (secret) LogValue() slog.Value { return slog.StringValue("***") }

func hidden(s *web.Session) { slog.Info("x", "otp", secret(s.OTP())) }

func redactedSnapshot(s *web.Session) {
	snap := s.Snapshot()
	snap.OTP, snap.Tokens, snap.State = "", nil, ""
	log.Printf("%+v", snap)
}

func oks(s *web.Session) {
	_, ok := s.LookupTokens("x")
	_, had := s.TakeState()
	log.Print(ok, had, s.OTP() == "1", strings.Repeat("*", len(s.OTP())), s.OTP()[:1])
	for k := range s.Tokens() {
		log.Print(k)
	}
	log.Print(len(s.Tokens()), s.HasOTP())
}

// a function named like a logger that redacts
func logSafe(v string)    { log.Print(strings.Repeat("*", len(v))) }
func safe(s *web.Session) { logSafe(s.OTP()) }

// debugging pointer
func ptr(s *web.Session) { log.Printf("%p %T", s, s) }

// errors that carry sessions print redacted
func wrapped(s *web.Session) error { return fmt.Errorf("session %v: %w", s, io.EOF) }

// latesave: response.Write happens to a buffer with same method names
type page struct{ strings.Builder }

func (a *app) builder(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	var p page
	p.WriteString("hello")
	fmt.Fprint(&p, s.UserName())
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	io.WriteString(w, p.String())
}

// only reads late
func (a *app) readsLate(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(200)
	fmt.Fprint(w, s.UserName(), s.Meta().ID)
}

// error edge of a write then Save only for cleanup — write failed
func (a *app) writeFailed(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if err := json.NewEncoder(w).Encode(make(chan int)); err != nil {
		s.SetNotice("cannot be encoded")
		if err := s.Save(); err != nil {
			log.Print(err)
		}
	}
}

// a health handler whose Load is for a different writer
type capture struct{ http.ResponseWriter }

func (a *app) otherWriter(w http.ResponseWriter, r *http.Request) {
	c := &capture{w}
	s, err := a.sessions.Load(c, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// goroutine + handler waits in for-range on channel closed by the goroutine
func (a *app) producer(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	out := make(chan string)
	go produce(s, out)
	for line := range out {
		fmt.Fprintln(w, line)
	}
}

func produce(s *web.Session, out chan<- string) {
	defer close(out)
	for k := range s.Prefs() {
		out <- k
	}
}

// goroutine joined through a struct of this package
type task struct{ done chan struct{} }

func (t *task) wait() { <-t.done }
func (t *task) end()  { close(t.done) }

func (a *app) tasks(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	t := &task{make(chan struct{})}
	go func() {
		defer t.end()
		s.AddVisits(1)
	}()
	t.wait()
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}
