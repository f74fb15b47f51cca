package correct

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"example.com/shop/helpers"
	"example.com/shop/web"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// Defer.

func (a *app) deferredSave(ctx context.Context, token string) (err error) {
	s, err := a.sessions.Open(ctx, token)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Save()) }()
	s.AddVisits(1)
	if s.Visits() > 10 {
		s.SetNotice("often here")
		return nil
	}
	s.SetTheme("dark")
	return nil
}

func (a *app) deferredConditionally(ctx context.Context, token string) {
	s, err := a.sessions.Open(ctx, token)
	if err != nil {
		return
	}
	changed := false
	defer func() {
		if changed {
			if err := s.Save(); err != nil {
				log.Print(err)
			}
		}
	}()
	if s.Theme() == "" {
		s.SetTheme("dark")
		changed = true
	}
}

func (a *app) deferredHelper(ctx context.Context, token string) {
	s, err := a.sessions.Open(ctx, token)
	if err != nil {
		return
	}
	defer save(s)
	s.SetTheme("dark")
}

func save(s *web.Session) {
	if err := s.Save(); err != nil {
		log.Print(err)
	}
}

// deferredUnwritten defers in a handler that answers only failures.
func (a *app) deferredUnwritten(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	defer func() {
		if err := s.Save(); err != nil {
			a.fail(w, r, err)
		}
	}()
	if r.FormValue("theme") == "" {
		http.Error(w, "no theme", http.StatusBadRequest)
		return
	}
	s.SetTheme(r.FormValue("theme"))
}

// Closures.

func (a *app) closureSaves(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	done := func(target string) {
		if err := s.Save(); err != nil {
			a.fail(w, r, err)
			return
		}
		http.Redirect(w, r, target, http.StatusSeeOther)
	}
	s.SetTheme("dark")
	if s.UserID() == 0 {
		done("/login")
		return
	}
	done("/")
}

func (a *app) closurePassedOn(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetTheme("dark")
	if err := retry(func() error { return s.Save() }); err != nil {
		a.fail(w, r, err)
	}
}

func retry(f func() error) error {
	err := f()
	for range 2 {
		if err == nil {
			break
		}
		err = f()
	}
	return err
}

func (a *app) closureLoads(w http.ResponseWriter, r *http.Request) {
	var s *web.Session
	err := retry(func() (err error) {
		s, err = a.sessions.Load(w, r)
		return err
	})
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetTheme("dark")
	fmt.Fprintln(w, "ok")
}

func (a *app) closureChanges(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	each(r.Form["sku"], func(sku string) { s.AppendCart(web.Item{SKU: sku}) })
	if len(r.Form["sku"]) > 0 {
		if err := s.Save(); err != nil {
			a.fail(w, r, err)
		}
	}
}

func each[T any](list []T, f func(T)) {
	for _, v := range list {
		f(v)
	}
}

func (a *app) handlerOfHandlers(kinds []string) map[string]http.HandlerFunc {
	out := map[string]http.HandlerFunc{}
	for _, kind := range kinds {
		out[kind] = func(w http.ResponseWriter, r *http.Request) {
			s, err := a.sessions.Load(w, r)
			if err != nil {
				a.fail(w, r, err)
				return
			}
			s.SetTheme(kind)
			if err := s.Save(); err != nil {
				a.fail(w, r, err)
			}
		}
	}
	return out
}

// Method values.

func (a *app) saveValue(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetTheme("dark")
	commit := s.Save
	if err := commit(); err != nil {
		a.fail(w, r, err)
	}
}

func (a *app) savePassed(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetTheme("dark")
	if err := retry(s.Save); err != nil {
		a.fail(w, r, err)
	}
}

func (a *app) saveExpression(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	(*web.Session).SetTheme(s, "dark")
	if err := (*web.Session).Save(s); err != nil {
		a.fail(w, r, err)
	}
}

type saver interface{ Save() error }

func (a *app) throughInterface(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	admin, err := a.admins.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetTheme("dark")
	admin.SetLogin("x")
	for _, v := range []saver{s, admin} {
		if err := v.Save(); err != nil {
			a.fail(w, r, err)
			return
		}
	}
}

// Aliases and results.

func (a *app) alias(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	t := s
	t.SetTheme("dark")
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
	}
}

func (a *app) aliasLater(w http.ResponseWriter, r *http.Request) {
	var t *web.Session
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetTheme("dark")
	if t = s; t != nil {
		if err := t.Save(); err != nil {
			a.fail(w, r, err)
		}
	}
}

func (a *app) fluent(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if err := helpers.With(helpers.With(s, "dark"), "light").Save(); err != nil {
		a.fail(w, r, err)
	}
}

func (a *app) returned(w http.ResponseWriter, r *http.Request) (*web.Session, error) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return nil, err
	}
	s.AddVisits(1)
	return s, nil
}

func (a *app) returnedNamed(w http.ResponseWriter, r *http.Request) (s *web.Session, err error) {
	if s, err = a.sessions.Load(w, r); err != nil {
		return
	}
	s.AddVisits(1)
	return
}

func (a *app) returnedInStruct(w http.ResponseWriter, r *http.Request) (request, error) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return request{}, err
	}
	s.AddVisits(1)
	return request{s: s}, nil
}

func (a *app) savesWhatItGot(w http.ResponseWriter, r *http.Request) {
	s, err := a.returned(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if err := helpers.Commit(s); err != nil {
		a.fail(w, r, err)
	}
}

func (a *app) savesVisitor(w http.ResponseWriter, r *http.Request) {
	s, err := a.Visitor(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
	}
}

func (a *app) namedResult(w http.ResponseWriter, r *http.Request) (err error) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.SetTheme("dark")
	err = s.Save()
	return
}

// keptBySomebody gives the session away: who has it may save it.
func (a *app) keptBySomebody(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetTheme("dark")
	if err := a.db.Remember(s); err != nil {
		a.fail(w, r, err)
	}
}

func (a *app) keptByHelper(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.Keep(s)
	s.SetTheme("dark")
}

// changesParam leaves the Save to its caller.
func changesParam(s *web.Session, theme string) {
	s.SetTheme(theme)
	s.AddVisits(1)
}

func (a *app) maybeChanged(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	helpers.Greet(s, "")
	fmt.Fprintln(w, "ok")
}

func (a *app) either(w http.ResponseWriter, r *http.Request) {
	var s *web.Session
	var err error
	switch tok, _, found := strings.Cut(r.Header.Get("Authorization"), " "); {
	case found:
		s, err = a.sessions.Open(r.Context(), tok)
	default:
		s, err = a.sessions.Load(w, r)
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
	}
}

// Ways out.

func (a *app) exits(ctx context.Context, token string) {
	s, err := a.sessions.Open(ctx, token)
	if err != nil {
		log.Fatal(err)
	}
	s.AddVisits(1)
	if s.Visits() > 100 {
		os.Exit(3)
	}
	if s.Visits() > 50 {
		panic("too many")
	}
	if err := s.Save(); err != nil {
		log.Fatal(err)
	}
}

func (a *app) typeSwitch(w http.ResponseWriter, r *http.Request, v any) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	switch v := v.(type) {
	case string:
		s.SetTheme(v)
	case int64:
		s.SetUserID(v)
	case error:
		a.fail(w, r, v)
		return
	}
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
	}
}

func (a *app) errorTypes(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetTheme(r.FormValue("theme"))
	switch err := s.Save(); {
	case err == nil:
		fmt.Fprintln(w, "ok")
	case errors.Is(err, session.ErrGone):
		http.Redirect(w, r, "/login", http.StatusSeeOther)
	default:
		var tooLarge *session.SizeError
		if errors.As(err, &tooLarge) {
			http.Error(w, "too much", http.StatusRequestEntityTooLarge)
			return
		}
		a.fail(w, r, err)
	}
}

func (a *app) taggedSwitch(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetTheme("dark")
	_, err = a.db.Price("x")
	switch err {
	case nil:
		if err := s.Save(); err != nil {
			a.fail(w, r, err)
			return
		}
	case errNoStock:
		fmt.Fprintln(w, "sold out")
		return
	default:
		fmt.Fprintln(w, "try again")
		return
	}
	fmt.Fprintln(w, "ok")
}

func (a *app) invertedError(w http.ResponseWriter, r *http.Request) {
	if s, err := a.sessions.Load(w, r); err == nil {
		s.SetTheme("dark")
		if _, err := a.db.Price("x"); err == nil {
			if err := s.Save(); err == nil {
				fmt.Fprintln(w, "ok")
				return
			}
		}
	}
	http.Error(w, "try again", http.StatusServiceUnavailable)
}

func (a *app) selects(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	answer := make(chan string, 1)
	go func() { answer <- "dark" }()
	select {
	case theme := <-answer:
		s.SetTheme(theme)
	case <-r.Context().Done():
		return
	case <-time.After(time.Second):
		s.SetNotice("slow today")
	}
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
	}
}

func (a *app) labelled(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
rows:
	for _, row := range [][]string{r.Form["a"], r.Form["b"]} {
		for _, sku := range row {
			switch sku {
			case "":
				continue rows
			case "stop":
				break rows
			}
			s.AppendCart(web.Item{SKU: sku})
		}
	}
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
	}
}

// Generics.

func update[T any](a *app, w http.ResponseWriter, r *http.Request, decode func(*http.Request) (T, error), apply func(*web.Session, T)) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	v, err := decode(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	apply(s, v)
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
	}
}

func load[S any](m *session.Manager[S], w http.ResponseWriter, r *http.Request) *S {
	s, err := m.Load(w, r)
	if err != nil {
		panic(err)
	}
	return s
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (a *app) generic(w http.ResponseWriter, r *http.Request) {
	s := load(a.sessions, w, r)
	s.SetTheme("dark")
	t := must(a.sessions.Load(w, r))
	t.SetTheme("dark")
	update(a, w, r, func(r *http.Request) (string, error) { return r.FormValue("theme"), nil }, (*web.Session).SetTheme)
}

// Jobs.

func (a *app) job(ctx context.Context, tokens []string) error {
	for _, token := range tokens {
		s, err := a.sessions.Open(ctx, token)
		if errors.Is(err, session.ErrGone) {
			continue
		}
		if err != nil {
			return err
		}
		if s.HasNotice() {
			continue
		}
		s.SetNotice("maintenance tonight")
		if err := s.Save(); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) opened(ctx context.Context, tokens []string) (list []*web.Session, err error) {
	for _, token := range tokens {
		s, err := a.sessions.Open(ctx, token)
		if err != nil {
			return nil, err
		}
		s.AddVisits(1)
		list = append(list, s)
	}
	return list, nil
}

type socket interface {
	Read() (string, error)
	Write(string) error
}

type upgrader interface {
	Upgrade(w http.ResponseWriter, r *http.Request) (socket, error)
}

// websocket takes the token along and opens the session for each message.
func (a *app) websocket(w http.ResponseWriter, r *http.Request, up upgrader) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	token, name := s.Meta().Token, s.UserName()
	conn, err := up.Upgrade(w, r)
	if err != nil {
		return
	}
	for {
		msg, err := conn.Read()
		if err != nil {
			return
		}
		live, err := a.sessions.Open(context.WithoutCancel(r.Context()), token)
		if err != nil {
			return
		}
		live.PutPrefs("last", msg)
		if err := live.Save(); err != nil {
			a.log.Warn("websocket", "err", err)
		}
		if err := conn.Write(name + ": " + msg); err != nil {
			return
		}
	}
}

// batched saves every tenth message.
func (a *app) batched(ctx context.Context, token string, conn socket) error {
	s, err := a.sessions.Open(ctx, token)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		msg, err := conn.Read()
		if err != nil {
			return s.Save()
		}
		s.PutPrefs("last", msg)
		if n%10 == 0 {
			if err := s.Save(); err != nil {
				return err
			}
		}
	}
}

// Goroutines.

func (a *app) waitsFor(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	var wg sync.WaitGroup
	for _, sku := range r.Form["sku"] {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if _, err := a.db.Price(sku); err == nil {
				s.AppendCart(web.Item{SKU: sku})
			}
		}()
	}
	wg.Wait()
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
	}
}

func (a *app) waitsForGo(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	var wg sync.WaitGroup
	wg.Go(func() { s.AddVisits(1) })
	wg.Wait()
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
	}
}

func (a *app) receives(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	errs := make(chan error, 1)
	go func() { errs <- a.mailer.Send(s.UserName(), "hello") }()
	go price(s, errs)
	if err := <-errs; err != nil {
		a.fail(w, r, err)
	}
}

func price(s *web.Session, errs chan<- error) { errs <- nil }

// copiesFirst takes what the goroutine needs before it starts.
func (a *app) copiesFirst(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	id, name := s.UserID(), s.UserName()
	go func() { a.log.Info("seen", "id", id) }()
	go a.audit(s.UserID(), name)
	time.AfterFunc(time.Minute, func() { a.log.Info("later", "name", name) })
}

func (a *app) audit(id int64, name string) { a.log.Info("audit", "id", id, "name", name) }

// opensItsOwn opens the session in the goroutine.
func (a *app) opensItsOwn(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	token := s.Meta().Token
	go func() {
		own, err := a.sessions.Open(context.Background(), token)
		if err != nil {
			return
		}
		own.AddVisits(1)
		if err := own.Save(); err != nil {
			a.log.Warn("job", "err", err)
		}
	}()
}

type live struct {
	mu       sync.Mutex
	sessions map[string]*web.Session
	byID     sync.Map
}

// ServeHTTP knows the sessions of the requests under way, and forgets them.
func (l *live) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var sessions *web.Sessions
	s, err := sessions.Load(w, r)
	if err != nil {
		return
	}
	id := s.Meta().ID
	l.mu.Lock()
	l.sessions[id] = s
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.sessions, id)
		l.mu.Unlock()
	}()
	l.byID.Store(id, s)
	defer l.byID.Delete(id)
	<-r.Context().Done()
}

// inContext stores the session where it ends with the request.
func (a *app) inContext(w http.ResponseWriter, r *http.Request) *http.Request {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return r
	}
	views := map[string]*web.Session{}
	views["s"] = s
	var page struct{ S *web.Session }
	page.S = s
	return r.WithContext(context.WithValue(r.Context(), contextKey{}, page))
}

func (a *app) recursive(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetTheme("dark")
	if err := helpers.Again(s, 3); err != nil {
		a.fail(w, r, err)
	}
}

// mutual and mutualToo call each other.
func (a *app) mutual(w http.ResponseWriter, r *http.Request, n int) {
	s, err := a.mutualToo(w, r, n)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetTheme("dark")
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
	}
}

func (a *app) mutualToo(w http.ResponseWriter, r *http.Request, n int) (*web.Session, error) {
	if n > 0 {
		a.mutual(w, r, n-1)
	}
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return nil, err
	}
	if err := a.saveSomehow(s, n); err != nil {
		return nil, err
	}
	s.AddVisits(1)
	return s, s.Save()
}

func (a *app) saveSomehow(s *web.Session, n int) error {
	if n == 0 {
		return s.Save()
	}
	return a.saveSomehow(s, n-1)
}

func (a *app) withNothing(w http.ResponseWriter, r *http.Request) {
	if s, err := helpers.Nothing(w); err == nil && s.HasTheme() {
		fmt.Fprintln(w, s.Theme())
	}
}
