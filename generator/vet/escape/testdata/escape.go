// Package escape lets sessions outlive their requests.
package escape

import (
	"context"
	"log"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"
	"example.com/shop/helpers"
	"example.com/shop/web"
	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v3"
	"github.com/labstack/echo/v5"
	"github.com/sessiongen/sessiongen/runtime/adapter/connectsession"
	"github.com/sessiongen/sessiongen/runtime/adapter/echosession"
	"github.com/sessiongen/sessiongen/runtime/adapter/fibersession"
	"github.com/sessiongen/sessiongen/runtime/adapter/ginsession"
)

type app struct {
	*helpers.App
	sessions *web.Sessions
	last     *web.Session
	byName   map[string]*web.Session
	recent   []*web.Session
	jobs     chan *web.Session
	known    sync.Map
}

var (
	latest   *web.Session
	everyone sync.Map
	current  atomic.Pointer[web.Session]
	queue    = make(chan *web.Session)
	index    = map[int64]*web.Session{}
)

func (a *app) goroutine(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	go func() { // want `the goroutine uses session s when the handler may have returned`
		s.AddVisits(1)
		if err := s.Save(); err != nil {
			log.Print(err)
		}
	}()
}

func (a *app) goroutineReads(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		return
	}
	go func() { // want `the goroutine uses session s`
		time.Sleep(time.Second)
		log.Print(s.UserName())
	}()
}

func (a *app) goroutineArgument(w http.ResponseWriter, r *http.Request) {
	s, err := a.Session(w, r)
	if err != nil {
		return
	}
	go a.audit(s)             // want `the goroutine uses session s`
	go func(s *web.Session) { // want `the goroutine uses session s`
		log.Print(s.UserName())
	}(s)
}

func (a *app) audit(s *web.Session) { log.Print(s.UserName()) }

func (a *app) goroutineMethod(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	go s.Save() // want `the goroutine uses session s`
}

func (a *app) handled() http.Handler {
	return a.sessions.Handle(func(w http.ResponseWriter, r *http.Request, s *web.Session) error {
		go func() { log.Print(s.UserID()) }() // want `the goroutine uses session s`
		return nil
	})
}

func (a *app) timer(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	time.AfterFunc(time.Minute, func() { s.ClearOTP() }) // want `the timer uses session s`
}

func (a *app) timers(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	_ = time.AfterFunc(time.Minute, func() { s.ClearOTP() }) // want `the timer uses session s`
	time.AfterFunc(time.Minute, s.ClearOTP)                  // want `the timer uses session s`
}

func (a *app) endOfContext(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		return
	}
	context.AfterFunc(r.Context(), func() { a.audit(s) })     // want `what runs at the end of the context uses session s`
	_ = context.AfterFunc(r.Context(), func() { a.audit(s) }) // want `what runs at the end of the context uses session s`
	context.AfterFunc(r.Context(), s.Renew)                   // want `what runs at the end of the context uses session s`
}

func (a *app) global(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	latest = s // want `session s is stored where it outlives its request`
}

func (a *app) globalMap(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	index[s.UserID()] = s // want `session s is stored`
}

func (a *app) globalSyncMap(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	everyone.Store(s.UserID(), s) // want `session s is stored`
	current.Store(s)              // want `session s is stored`
}

func (a *app) receiver(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	a.last = s // want `session s is stored`
}

func (a *app) receiverMap(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	a.byName[s.UserName()] = s     // want `session s is stored`
	a.recent = append(a.recent, s) // want `session s is stored`
	a.known.Store(s.UserName(), s) // want `session s is stored`
}

func (a *app) gin(c *gin.Context) {
	s, err := a.sessions.Load(c.Writer, c.Request)
	if err != nil {
		return
	}
	a.last = s // want `session s is stored`
}

func around(sessions *web.Sessions) http.HandlerFunc {
	var last *web.Session
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Load(w, r)
		if err != nil {
			return
		}
		if last != nil && last.UserID() == s.UserID() {
			return
		}
		last = s // want `session s is stored`
	}
}

func (a *app) sent(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	a.jobs <- s // want `session s is sent to a goroutine`
}

func (a *app) sentGlobally(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	queue <- s // want `session s is sent to a goroutine`
}

type job struct {
	session *web.Session
	at      time.Time
}

var (
	work = make(chan job)
	seen = map[string]job{}
	past []job
	held sync.Map
)

func (a *app) sentInLiteral(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	work <- job{s, time.Now()} // want `session s is sent to a goroutine`
}

func (a *app) storedInLiteral(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	seen[s.UserName()] = job{session: s}                           // want `session s is stored`
	past = append(past, job{at: time.Now()}, job{s, s.LastSeen()}) // want `session s is stored`
	held.Store(s.UserName(), &job{session: s})                     // want `session s is stored`
}

func (a *app) goroutineWithJob(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	go process(&job{session: s}) // want `the goroutine uses session s`
	go process(&job{at: s.LastSeen()})
}

func process(j *job) { log.Print(j.at) }

func (a *app) goroutineWithDeadline(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	go func() { // want `the goroutine uses session s`
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), time.Minute)
		defer cancel()
		mail(ctx, s.UserName())
	}()
}

func mail(ctx context.Context, to string) { log.Print(to) }

func (a *app) goroutineWithTimer(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	go func() { // want `the goroutine uses session s`
		timer := time.NewTimer(time.Minute)
		defer timer.Stop()
		<-timer.C
		log.Print(s.UserName())
	}()
}

func (a *app) goroutineAfterRequest(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	go func() { // want `the goroutine uses session s`
		<-r.Context().Done()
		log.Print(s.UserName())
	}()
}

func (a *app) goroutineWithHelpers(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	go func() { // want `the goroutine uses session s`
		var wg sync.WaitGroup
		for range 3 {
			wg.Add(1)
			go func() { defer wg.Done() }()
		}
		wg.Wait()
		a.audit(s)
	}()
}

// A service has no request.
func (a *app) service(ctx context.Context) error {
	s, err := a.sessions.FromContext(ctx)
	if err != nil {
		return err
	}
	go func() { s.SetTheme("dark") }() // want `the goroutine uses session s`
	return nil
}

func (a *app) guarded(w http.ResponseWriter, r *http.Request) {
	s := a.sessions.Must(r)
	latest = s // want `session s is stored`
}

func (a *app) adapted(c *gin.Context) {
	s, err := ginsession.Get(c, a.sessions)
	if err != nil {
		return
	}
	latest = s // want `session s is stored`
}

func (a *app) adaptedEcho(c *echo.Context) error {
	s, err := echosession.Get(c, a.sessions)
	if err != nil {
		return err
	}
	latest = s // want `session s is stored`
	return nil
}

func (a *app) adaptedFiber(app *fiber.App) {
	var last *web.Session
	app.Get("/", func(c fiber.Ctx) error {
		s, err := fibersession.Get(c, a.sessions)
		if err != nil {
			return err
		}
		go func() { s.SetTheme("dark") }() // want `the goroutine uses session s`
		last = s                           // want `session s is stored`
		return nil
	})
	app.Get("/last", func(c fiber.Ctx) error { return c.SendString(last.Theme()) })
}

func (a *app) helpsFiber(c fiber.Ctx, s *web.Session) {
	latest = s // want `session s is stored`
}

func (a *app) adaptedConnect(mux *http.ServeMux) {
	var last *web.Session
	mux.Handle("/", connect.NewUnaryHandler("/", func(ctx context.Context, _ *connect.Request[string]) (*connect.Response[string], error) {
		s, err := connectsession.Get(ctx, a.sessions)
		if err != nil {
			return nil, err
		}
		go s.SetTheme("dark") // want `the goroutine uses session s`
		last = s              // want `session s is stored`
		return connect.NewResponse(new(string)), nil
	}))
	mux.Handle("/last", connect.NewUnaryHandler("/last", func(context.Context, *connect.Request[string]) (*connect.Response[string], error) {
		theme := last.Theme()
		return connect.NewResponse(&theme), nil
	}))
}
