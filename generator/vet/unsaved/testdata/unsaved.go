// Package unsaved forgets to save.
package unsaved

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"example.com/shop/helpers"
	"example.com/shop/web"
	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"
)

type app struct {
	*helpers.App
	sessions *web.Sessions
	db       store
}

type store interface {
	Find(ctx context.Context, name string) (int64, error)
	Remember(s *web.Session)
}

var errNoUser = errors.New("no such user")

func (a *app) straight(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("dark") // want `what SetTheme changes in the session may be lost: line \d+ is reached without Save`
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *app) oneBranch(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetUserName(r.FormValue("name")) // want `SetUserName`
	if r.FormValue("remember") != "" {
		if err := s.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *app) otherBranch(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	if r.FormValue("kind") == "a" {
		s.SetTheme("a")
		if err := s.Save(); err != nil {
			log.Print(err)
		}
	} else {
		s.SetTheme("b") // want `SetTheme`
	}
	fmt.Fprintln(w, "ok")
}

func (a *app) earlyReturn(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.AppendCart(web.Item{SKU: r.FormValue("sku"), Qty: 1}) // want `AppendCart`
	if r.FormValue("checkout") != "" {
		http.Redirect(w, r, "/checkout", http.StatusSeeOther)
		return
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/cart", http.StatusSeeOther)
}

func (a *app) switchCase(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	switch r.FormValue("action") {
	case "add":
		s.AppendCart(web.Item{SKU: "x"})
		err = s.Save()
	case "clear":
		s.ClearCart() // want `ClearCart`
	case "theme":
		s.SetTheme("dark")
		err = s.Save()
	}
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/cart", http.StatusSeeOther)
}

func (a *app) inLoop(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	for _, sku := range r.Form["sku"] {
		s.AppendCart(web.Item{SKU: sku}) // want `AppendCart`
	}
	fmt.Fprintln(w, "added")
}

func (a *app) eachJob(ctx context.Context, tokens []string) {
	for _, tok := range tokens {
		s, err := a.sessions.Open(ctx, tok)
		if err != nil {
			continue
		}
		s.SetNotice("maintenance tonight") // want `SetNotice`
		if s.HasUserID() {
			continue
		}
		if err := s.Save(); err != nil {
			log.Print(err)
		}
	}
}

func (a *app) alias(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	t := s
	t.SetTheme("dark") // want `SetTheme`
	fmt.Fprintln(w, s.Theme())
}

func (a *app) renewOnly(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.Renew() // want `Renew`
	fmt.Fprintln(w, "ok")
}

func (a *app) afterDestroy(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	if err := s.Destroy(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetNotice("You are logged out.") // want `SetNotice`
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *app) afterSave(w http.ResponseWriter, r *http.Request) error {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return err
	}
	s.SetTheme("dark")
	if err := s.Save(); err != nil {
		return err
	}
	s.SetLastSeen(time.Now()) // want `SetLastSeen`
	return nil
}

func (a *app) onErrorEdge(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	if _, err := a.db.Find(r.Context(), "x"); err != nil {
		s.SetNotice("unknown user") // want `SetNotice`
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return
	}
	fmt.Fprintln(w, "ok")
}

func (a *app) loggedError(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.SetTheme("dark") // want `SetTheme`
	if _, err := a.db.Find(r.Context(), "x"); err != nil {
		log.Print(err)
	}
	fmt.Fprintln(w, "ok")
}

func (a *app) open(ctx context.Context, token string) error {
	s, err := a.sessions.Open(ctx, token)
	if err != nil {
		return err
	}
	s.AddVisits(1) // want `AddVisits`
	return nil
}

func (a *app) puts(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.PutPrefs("lang", "en") // want `PutPrefs`
	s.DeletePrefs("tz")
}

func (a *app) helperLoads(w http.ResponseWriter, r *http.Request) {
	s, err := a.Session(w, r)
	if err != nil {
		helpers.Fail(w, err)
		return
	}
	s.SetTheme("dark") // want `SetTheme`
	fmt.Fprintln(w, "ok")
}

func (a *app) helperLoadsOrAnswers(w http.ResponseWriter, r *http.Request) {
	s := a.Must(w, r)
	if s == nil {
		return
	}
	s.SetTheme("dark") // want `SetTheme`
	fmt.Fprintln(w, "ok")
}

func (a *app) helperChanges(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	helpers.Login(s, 1, "x") // want `Login`
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *app) helperMayFail(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	if err := helpers.AddItem(s, "x", 1); err != nil { // want `AddItem`
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, "/cart", http.StatusSeeOther)
}

func (a *app) helperReads(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.SetTheme("dark") // want `SetTheme`
	fmt.Fprintln(w, helpers.Name(s))
}

func (a *app) helperReturns(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	t := helpers.With(s, "dark") // want `With`
	fmt.Fprintln(w, t.Theme())
}

func (a *app) helperChangedIt(w http.ResponseWriter, r *http.Request) {
	s, err := a.Visitor(w, r) // want `Visitor`
	if err != nil {
		return
	}
	fmt.Fprintln(w, s.Visits())
}

func (a *app) ownHelper(w http.ResponseWriter, r *http.Request) {
	s, err := a.load(w, r)
	if err != nil {
		return
	}
	remember(s, "x") // want `remember`
	fmt.Fprintln(w, "ok")
}

func (a *app) load(w http.ResponseWriter, r *http.Request) (s *web.Session, err error) {
	s, err = a.sessions.Load(w, r)
	return
}

func remember(s *web.Session, theme string) {
	if theme == "" {
		s.ClearTheme()
		return
	}
	s.SetTheme(theme)
}

func (a *app) printed(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.SetTheme("dark") // want `SetTheme`
	log.Println("changed", s)
}

func (a *app) calledClosure(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	func() { // want `this closure`
		s.SetTheme("dark")
	}()
	fmt.Fprintln(w, "ok")
}

func (a *app) namedClosure(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	mark := func(theme string) { s.SetTheme(theme) }
	mark("dark") // want `this closure`
	fmt.Fprintln(w, "ok")
}

func handler(sessions *web.Sessions) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Load(w, r)
		if err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		s.SetTheme("dark") // want `SetTheme`
	}
}

func (a *app) typeSwitch(w http.ResponseWriter, r *http.Request, v any) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	switch v := v.(type) {
	case string:
		s.SetTheme(v) // want `SetTheme`
	case int64:
		s.SetUserID(v)
		if err := s.Save(); err != nil {
			log.Print(err)
		}
	}
}

func (a *app) selects(w http.ResponseWriter, r *http.Request, done chan string) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	select {
	case name := <-done:
		s.SetUserName(name)
		if err := s.Save(); err != nil {
			log.Print(err)
		}
	case <-time.After(time.Second):
		s.SetNotice("too slow") // want `SetNotice`
	}
}

func (a *app) sometimesPanics(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		panic(err)
	}
	s.SetTheme("dark") // want `SetTheme`
	if r.FormValue("x") == "" {
		panic("no x")
	}
	if r.FormValue("y") == "" {
		os.Exit(1)
	}
}

func (a *app) methodValue(w http.ResponseWriter, r *http.Request) {
	load := a.sessions.Load
	s, err := load(w, r)
	if err != nil {
		return
	}
	s.SetTheme("dark") // want `SetTheme`
}

func (a *app) methodExpression(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	(*web.Session).SetTheme(s, "dark") // want `SetTheme`
}

func (a *app) namedResult(w http.ResponseWriter, r *http.Request) (err error) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.SetTheme("dark") // want `SetTheme`
	if r.FormValue("save") == "yes" {
		err = s.Save()
	}
	return
}

func (a *app) declared(w http.ResponseWriter, r *http.Request) {
	var s *web.Session
	var err error
	if s, err = a.sessions.Load(w, r); err != nil {
		return
	}
	s.SetTheme("dark") // want `SetTheme`
}

func (a *app) eitherWay(w http.ResponseWriter, r *http.Request) {
	var s *web.Session
	var err error
	if tok := r.FormValue("token"); tok != "" {
		s, err = a.sessions.Open(r.Context(), tok)
	} else {
		s, err = a.sessions.Load(w, r)
	}
	if err != nil {
		return
	}
	s.SetTheme("dark") // want `SetTheme`
}

func (a *app) errorSwitch(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	id, err := a.db.Find(r.Context(), "x")
	switch {
	case errors.Is(err, errNoUser):
		s.SetNotice("who?") // want `SetNotice`
	case err != nil:
		http.Error(w, "try again", http.StatusInternalServerError)
		return
	default:
		s.SetUserID(id)
		if err := s.Save(); err != nil {
			http.Error(w, "try again", http.StatusInternalServerError)
			return
		}
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *app) labelled(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
outer:
	for _, row := range [][]string{{"a"}, {"b"}} {
		for _, sku := range row {
			s.AppendCart(web.Item{SKU: sku}) // want `AppendCart`
			if sku == "b" {
				break outer
			}
		}
	}
	fmt.Fprintln(w, "ok")
}

func generic[T any](w http.ResponseWriter, r *http.Request, sessions *web.Sessions, decode func(*http.Request) (T, error)) {
	s, err := sessions.Load(w, r)
	if err != nil {
		return
	}
	v, err := decode(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.SetTheme(fmt.Sprint(v)) // want `SetTheme`
}

func ginTheme(sessions *web.Sessions) gin.HandlerFunc {
	return func(c *gin.Context) {
		s, err := sessions.Load(c.Writer, c.Request)
		if err != nil {
			c.AbortWithStatus(http.StatusServiceUnavailable)
			return
		}
		s.SetTheme(c.PostForm("theme")) // want `SetTheme`
		c.Redirect(http.StatusSeeOther, "/")
	}
}

func (a *app) echoTheme(c echo.Context) error {
	s, err := a.sessions.Load(c.Response(), c.Request())
	if err != nil {
		return err
	}
	s.SetTheme(c.FormValue("theme")) // want `SetTheme`
	return c.Redirect(http.StatusSeeOther, "/")
}

func (a *app) two(w http.ResponseWriter, r *http.Request, admins *web.Admins) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	admin, err := admins.Load(w, r)
	if err != nil {
		return
	}
	s.SetUserName("x")
	admin.SetLogin("x") // want `SetLogin`
	if err := s.Save(); err != nil {
		log.Print(err)
	}
}

func (a *app) loadingMiddleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := a.sessions.Load(w, r)
		if err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		s.SetLastSeen(time.Now()) // want `SetLastSeen`
		next.ServeHTTP(w, r)
	})
}

func (a *app) asksAndForgets(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.SetTheme("dark") // want `SetTheme`
	if s.HasUserID() {
		fmt.Fprintln(w, "hello again")
	}
	fmt.Fprintln(w, "ok")
}

func (a *app) knownAction(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 512)
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.SetLastSeen(time.Now()) // want `SetLastSeen`
	switch r.FormValue("action") {
	case "save":
		if err := s.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
	case "show":
		fmt.Fprintln(w, s.Theme())
	}
}

func (a *app) guests(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.SetLastSeen(time.Now()) // want `SetLastSeen`
	if !s.HasUserID() {
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "hello")
}

func (a *app) secondKind(w http.ResponseWriter, r *http.Request, kind string) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.SetTheme(kind) // want `SetTheme`
	if kind == "card" {
		err = s.Save()
	} else if kind == "invoice" {
		fmt.Fprintln(w, "pay within two weeks")
	}
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

func (a *app) stream(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.SetLastSeen(time.Now()) // want `SetLastSeen`
	for {
		select {
		case <-r.Context().Done():
			return
		case <-time.After(time.Second):
			if _, err := fmt.Fprintln(w, "tick"); err != nil {
				return
			}
		}
	}
}

func (a *app) messages(ctx context.Context, token string, read func() (string, error)) error {
	s, err := a.sessions.Open(ctx, token)
	if err != nil {
		return err
	}
	for {
		msg, err := read()
		if err != nil {
			return err
		}
		s.PutPrefs("last", msg) // want `PutPrefs`
	}
}

// Counting saves what is pending for its own field, and nothing else.

func (a *app) countedBeside(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.SetTheme("dark") // want `what SetTheme changes in the session may be lost`
	if _, err := s.CountTries(1); err != nil {
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (a *app) addedAfterCounting(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	if _, err := s.CountTries(1); err != nil {
		return
	}
	s.AddTries(1) // want `what AddTries changes in the session may be lost`
	w.WriteHeader(http.StatusNoContent)
}

func (a *app) listedUnsaved(ctx context.Context, admins *web.Admins) error {
	list, err := web.AdminsOf(admins, "ann").List(ctx)
	if err != nil {
		return err
	}
	for _, s := range list {
		s.SetRoles(nil) // want `SetRoles`
	}
	return nil
}

func (a *app) listedAndSaved(ctx context.Context, admins *web.Admins) error {
	list, err := web.AdminsOf(admins, "ann").List(ctx)
	if err != nil {
		return err
	}
	for _, s := range list {
		s.SetRoles(nil)
		if err := s.Save(); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) listedAndShown(ctx context.Context, admins *web.Admins) error {
	list, err := web.AdminsOf(admins, "ann").List(ctx)
	for _, s := range list {
		fmt.Println(s.Roles(), s.Meta().Device)
	}
	return err
}
