package correct

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"sync"
	"time"

	"example.com/shop/web"
)

// Goroutines that are waited for, or that end with the request.

func (a *app) piped(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(exportCart(pw, s)) }()
	if _, err := io.Copy(w, pr); err != nil {
		log.Print(err)
	}
}

func exportCart(w io.Writer, s *web.Session) error {
	out := csv.NewWriter(w)
	for _, it := range s.Cart() {
		if err := out.Write([]string{it.SKU, fmt.Sprint(it.Qty)}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// A latch opens once.
type latch struct {
	once sync.Once
	open chan struct{}
}

func (l *latch) release() { l.once.Do(l.unlock) }
func (l *latch) unlock()  { close(l.open) }
func (l *latch) pass()    { <-l.open }

func (a *app) latched(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	l := &latch{open: make(chan struct{})}
	go a.greet(l, s)
	l.pass()
	fmt.Fprintln(w, s.UserName())
}

func (a *app) greet(l *latch, s *web.Session) {
	defer l.release()
	log.Print(s.UserName())
}

func (a *app) latchInside(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	opened := make(chan struct{})
	go func() {
		l := &latch{open: opened}
		defer l.release()
		log.Print(s.UserName())
	}()
	<-opened
}

func (a *app) heartbeat(w http.ResponseWriter, r *http.Request, events <-chan string) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	go func() {
		tick := time.NewTicker(time.Minute)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				log.Print("still here: ", s.UserName())
			case <-r.Context().Done():
				return
			}
		}
	}()
	for e := range events {
		fmt.Fprintln(w, e)
	}
}

func (a *app) derived(w http.ResponseWriter, r *http.Request, ready <-chan string) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(r.Context(), time.Second)
		defer cancel()
		select {
		case <-ctx.Done():
		case <-time.After(time.Millisecond):
			log.Print(s.UserName())
		}
	}()
	fmt.Fprintln(w, <-ready)
}

// A task is somebody else's work on a session, whose end is told.
type task struct {
	session *web.Session
	done    chan error
}

type audited struct {
	session *web.Session
	group   *sync.WaitGroup
}

var (
	tasks  = make(chan task)
	audits = make(chan audited)
	open   = map[string]*task{}
)

func (a *app) workedOn(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	t := task{s, make(chan error, 1)}
	tasks <- t
	s.AddVisits(1)
	if err := a.finished(t); err != nil {
		a.fail(w, r, err)
	}
}

func (a *app) finished(t task) error { return <-t.done }

func (a *app) grouped(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	var group sync.WaitGroup
	group.Add(1)
	audits <- audited{s, &group}
	group.Wait()
	fmt.Fprintln(w, s.UserName())
}

func (a *app) listed(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	open[s.UserName()] = &task{session: s}
	defer delete(open, s.UserName())
	all := []task{}
	all = append(all, task{session: s})
	if err := json.NewEncoder(w).Encode(len(all)); err != nil {
		log.Print(err)
	}
}

func (a *app) stopped(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	stop := context.AfterFunc(r.Context(), func() { log.Print(s.UserName(), " went away") })
	defer stop()
	timer := time.AfterFunc(time.Second, func() { log.Print(s.UserName(), " waits") })
	defer timer.Stop()
	fmt.Fprintln(w, s.UserName())
}

func (a *app) waitedFor(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	ended := make(chan struct{})
	context.AfterFunc(ctx, func() {
		log.Print(s.UserName())
		close(ended)
	})
	late := make(chan struct{})
	time.AfterFunc(time.Second, func() {
		log.Print(s.UserName())
		close(late)
	})
	cancel()
	<-ended
	<-late
}

func (a *app) nameAlone(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	name := s.UserName()
	context.AfterFunc(r.Context(), func() { log.Print(name, " went away") })
}
