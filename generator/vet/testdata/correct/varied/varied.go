// Package varied has correct loops, goroutines, secrets and copies, each close to a mistake.
package varied

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"sort"
	"strings"
	"sync"
	"time"

	"example.com/shop/web"
)

// A T is a list of itself.
type T []T

type app struct {
	sessions *web.Sessions
	wg       sync.WaitGroup
	events   chan string
	limiter  interface{ Release() }
	lists    T
}

func (a *app) rec(ts []T) {
	for _, t := range ts {
		a.lists = append(a.lists, t)
	}
	_ = a.sessions.Middleware(nil)
}

// loops
func (a *app) retries(w http.ResponseWriter, r *http.Request) {
	for try := 0; ; try++ {
		s, err := a.sessions.Load(w, r)
		if err != nil {
			http.Error(w, "x", http.StatusServiceUnavailable)
			return
		}
		s.AddVisits(1)
		err = s.Save()
		if err == nil {
			fmt.Fprintln(w, "ok")
			return
		}
		if try == 3 {
			http.Error(w, "x", http.StatusServiceUnavailable)
			return
		}
	}
}

func (a *app) saveAllThenWrite(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	for _, v := range r.Form["x"] {
		s.AppendCart(web.Item{SKU: v})
	}
	if err := s.Save(); err != nil {
		return
	}
	for _, v := range s.Cart() {
		fmt.Fprintln(w, v)
	}
}

func (a *app) writeOnErrorInLoop(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	for _, v := range r.Form["x"] {
		if v == "" {
			http.Error(w, "empty", http.StatusBadRequest)
			return
		}
		s.AppendCart(web.Item{SKU: v})
		if len(v) > 100 {
			http.Error(w, "long", http.StatusBadRequest)
			return
		}
	}
	if err := s.Save(); err != nil {
		return
	}
}

func (a *app) nestedLoops(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	for i := 0; i < 3; i++ {
		for _, v := range r.Form["x"] {
			s.PutPrefs(v, "1")
		}
	}
	if err := s.Save(); err != nil {
		return
	}
	for i := 0; i < 3; i++ {
		for k := range s.Prefs() {
			fmt.Fprintln(w, k)
		}
	}
}

func (a *app) header(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	for _, v := range r.Form["x"] {
		w.Header().Add("X", v)
		s.AddVisits(1)
	}
	if err := s.Save(); err != nil {
		return
	}
}

// goroutines
func (a *app) tracked(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	a.wg.Add(1)
	go func() {
		defer a.finish()
		log.Print(s.UserName())
	}()
	a.wg.Wait()
}
func (a *app) finish() { a.wg.Done() }

func (a *app) published(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	go a.publish(s)
	for e := range a.events {
		fmt.Fprintln(w, e)
	}
}
func (a *app) publish(s *web.Session) { a.emit(s.UserName()) }
func (a *app) emit(e string)          { a.events <- e }

func (a *app) sem(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	done := make(chan struct{})
	fin := func() { close(done) }
	go func() {
		defer fin()
		log.Print(s.UserName())
	}()
	<-done
}

func (a *app) ctxDone(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	go func() {
		defer cancel()
		log.Print(s.UserName())
	}()
	<-ctx.Done()
}

func (a *app) watcher(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go a.watch(ctx, s)
	time.Sleep(time.Second)
}
func (a *app) watch(ctx context.Context, s *web.Session) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			log.Print(s.UserName())
		case <-ctx.Done():
			return
		}
	}
}

func (a *app) result(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	type res struct {
		v   string
		err error
	}
	ch := make(chan res, 1)
	go func() {
		tm := time.AfterFunc(time.Second, func() {})
		defer tm.Stop()
		ch <- res{v: s.UserName()}
	}()
	fmt.Fprint(w, (<-ch).v)
}

func (a *app) fan(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mu.Lock()
			defer mu.Unlock()
			s.AddVisits(1)
		}()
	}
	wg.Wait()
	if err := s.Save(); err != nil {
		return
	}
}

// stored in per-request things
type reqctx struct {
	s    *web.Session
	data map[string]any
}

func (a *app) perRequest(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	c := &reqctx{s: s}
	c.data = map[string]any{"session": s, "page": reqctx{s: s}}
	all := []*reqctx{}
	all = append(all, &reqctx{s: s}, c)
	byName := map[string]*reqctx{}
	byName["x"] = &reqctx{s: s}
	r = r.WithContext(context.WithValue(r.Context(), reqctx{}, &reqctx{s: s}))
	a.render(w, r, c)
}
func (a *app) render(w http.ResponseWriter, r *http.Request, c *reqctx) {}

// secrets
type user struct {
	Name  string
	OTP   string
	Meta  map[string]string
	Inner struct{ Code string }
}

func (u user) masked() user { u.OTP = "***"; return u }

func fields(s *web.Session) {
	u := user{Name: "x", OTP: s.OTP()}
	log.Print(u.Name, u.masked(), len(u.OTP))
	u.OTP = strings.Repeat("*", len(u.OTP))
	log.Print(u)
	var v user
	v.Name = s.UserName()
	log.Printf("%+v", v)
	v.OTP = s.OTP()
	send(v)
	v.OTP = ""
	log.Printf("%+v", v)
}
func send(user) {}

func ranges(s *web.Session) {
	var names []string
	for name, tok := range s.Tokens() {
		if tok != "" {
			names = append(names, name)
		}
		log.Print(len(tok), tok == "")
	}
	sort.Strings(names)
	log.Print(names)
	for _, it := range s.Cart() {
		log.Print(it)
	}
	for _, t := range s.Snapshot().Wizard.Tags {
		log.Print(t)
	}
	snap := s.Snapshot()
	for _, c := range snap.Cart {
		log.Print(c.SKU, c)
	}
}

func publicView(s *web.Session) {
	snap := s.Snapshot()
	view := struct {
		Name string
		Cart []web.Item
	}{snap.UserName, snap.Cart}
	b, _ := json.Marshal(view)
	log.Print(string(b))
	slog.Info("x", "view", view)
}

func safe(s *web.Session) {
	clean := s.Snapshot()
	clean.OTP = ""
	clean.Tokens = nil
	clean.State = ""
	b, err := json.Marshal(clean)
	if err != nil {
		return
	}
	log.Printf("%s", b)
	p := &clean
	log.Print(p)
}

func replaced(s *web.Session) {
	code := s.OTP()
	use(code)
	code = "***"
	log.Print(code)
	var x string
	x = "a"
	log.Print(x)
	x = s.OTP()
	use(x)
}
func use(string) {}

// copies
func lens(s *web.Session) int {
	c := s.Cart()
	if len(c) == 0 {
		return 0
	}
	c = c[:len(c)-1]
	return len(c)
}
func keysOnly(s *web.Session) (n int) {
	p := s.Prefs()
	p["x"] = "y"
	for range p {
		n++
	}
	return n
}
func cut(s *web.Session) {
	c := s.Cart()
	c = append(c[:0], c[1:]...)
	s.SetCart(c)
}
