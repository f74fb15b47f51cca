// Package latesave saves when the response has begun.
package latesave

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"log"
	"net/http"
	"os"

	"example.com/shop/helpers"
	"example.com/shop/web"
	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"
)

type app struct {
	*helpers.App
	sessions *web.Sessions
	pages    *template.Template
}

func (a *app) afterRedirect(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.SetTheme("dark")
	http.Redirect(w, r, "/", http.StatusSeeOther)
	if err := s.Save(); err != nil { // want `Save comes after the response has begun on line 33: a cookie can no longer be sent`
		log.Print(err)
	}
}

func (a *app) afterPrint(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.SetTheme("dark")
	fmt.Fprintln(w, "ok")
	_ = s.Save() // want `Save comes after`
}

func (a *app) afterStatus(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	w.WriteHeader(http.StatusNoContent)
	_ = s.Destroy() // want `Destroy comes after`
}

func (a *app) changedAfter(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	if _, err := w.Write([]byte("hello")); err != nil {
		return
	}
	s.AddVisits(1) // want `AddVisits comes after`
	_ = s.Save()
}

func (a *app) afterTemplate(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	if err := a.pages.ExecuteTemplate(w, "home", nil); err != nil {
		log.Print(err)
	}
	s.AddVisits(1) // want `AddVisits comes after`
	_ = s.Save()
}

func (a *app) afterJSON(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.AddVisits(1)
	if err := json.NewEncoder(w).Encode(s.Cart()); err != nil {
		return
	}
	_ = s.Save() // want `Save comes after`
}

func (a *app) afterEncoder(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "\t")
	_ = enc.Encode(s.Cart())
	s.ClearCart() // want `ClearCart comes after`
	_ = s.Save()
}

func (a *app) afterFlush(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "hello")
	out.Flush()
	_ = s.Destroy() // want `Destroy comes after`
}

func (a *app) afterCSV(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	out := csv.NewWriter(w)
	if err := out.WriteAll([][]string{{"a"}}); err != nil {
		return
	}
	_ = s.Destroy() // want `Destroy comes after`
}

func (a *app) afterCopy(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	f, err := os.Open("catalogue.pdf")
	if err != nil {
		helpers.Fail(w, err)
		return
	}
	defer f.Close()
	n, err := io.Copy(w, f)
	if err != nil {
		return
	}
	s.AddVisits(n) // want `AddVisits comes after`
	_ = s.Save()
}

func (a *app) afterEachRow(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	for _, it := range s.Cart() {
		fmt.Fprintln(w, it.SKU)
	}
	s.ClearCart() // want `ClearCart comes after`
	_ = s.Save()
}

func (a *app) afterOneBranch(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.SetTheme("dark")
	if r.FormValue("hello") != "" {
		fmt.Fprintln(w, "hello")
	}
	_ = s.Save() // want `Save comes after`
}

func (a *app) afterBothBranches(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	if r.Header.Get("Accept") == "application/json" {
		_ = json.NewEncoder(w).Encode("ok")
	} else {
		fmt.Fprintln(w, "ok")
	}
	if r.FormValue("logout") != "" {
		_ = s.Destroy() // want `Destroy comes after`
	}
}

func (a *app) afterFlusher(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	s.SetTheme("dark") // want `SetTheme comes after`
	_ = s.Save()
}

func (a *app) afterController(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	rc := http.NewResponseController(w)
	if err := rc.Flush(); err != nil {
		return
	}
	s.SetTheme("dark") // want `SetTheme comes after`
	_ = s.Save()
}

func (a *app) afterHelper(w http.ResponseWriter, r *http.Request) {
	s, err := a.Session(w, r)
	if err != nil {
		return
	}
	s.SetTheme("dark")
	if err := helpers.WriteJSON(w, http.StatusOK, s.Theme()); err != nil {
		log.Print(err)
	}
	_ = helpers.Commit(s) // want `Commit comes after`
}

func (a *app) afterOwnHelper(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.SetTheme("dark")
	answer(w, "ok")
	_ = s.Save() // want `Save comes after`
}

func answer(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain")
	fmt.Fprintln(w, text)
}

func (a *app) afterError(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	if r.FormValue("code") != "1234" {
		http.Error(w, "wrong code", http.StatusForbidden)
		s.SetNotice("wrong code") // want `SetNotice comes after`
		_ = s.Save()
		return
	}
	fmt.Fprintln(w, "ok")
}

func (a *app) afterNext(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := a.sessions.Load(w, r)
		if err != nil {
			return
		}
		next.ServeHTTP(w, r)
		s.AddVisits(1) // want `AddVisits comes after`
		_ = s.Save()
	})
}

func (a *app) afterNextFunc(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := a.sessions.Load(w, r)
		if err != nil {
			return
		}
		s.AddVisits(1)
		next(w, r)
		_ = s.Save() // want `Save comes after`
	}
}

func (a *app) deferred(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	defer s.Save() // want `the deferred Save comes after the response has begun on line \d+`
	s.AddVisits(1)
	fmt.Fprintln(w, s.Visits())
}

func (a *app) deferredClosure(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	defer func() { // want `the deferred closure comes after`
		if err := s.Save(); err != nil {
			log.Print(err)
		}
	}()
	s.AddVisits(1)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *app) aliasedWriter(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	out := w
	io.WriteString(out, "hello")
	s.SetTheme("dark") // want `SetTheme comes after`
	_ = s.Save()
}

func (a *app) beforeLoad(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintln(w, "hello")
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.AddVisits(1) // want `AddVisits comes after`
	_ = s.Save()
}

func (a *app) inClosure(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	say := func(text string) { fmt.Fprintln(w, text) }
	s.SetTheme("dark")
	say("ok")
	_ = s.Save() // want `Save comes after`
}

func (a *app) switches(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	switch r.Method {
	case http.MethodGet:
		fmt.Fprintln(w, s.Theme())
	case http.MethodPost:
		fmt.Fprintln(w, "ok")
		s.SetTheme(r.FormValue("theme")) // want `SetTheme comes after`
		_ = s.Save()
	}
}

func (a *app) gin(c *gin.Context) {
	s, err := a.sessions.Load(c.Writer, c.Request)
	if err != nil {
		return
	}
	s.SetTheme("dark")
	c.JSON(http.StatusOK, gin.H{"theme": "dark"})
	_ = s.Save() // want `Save comes after`
}

func (a *app) ginNext(c *gin.Context) {
	s, err := a.sessions.Load(c.Writer, c.Request)
	if err != nil {
		return
	}
	c.Next()
	s.AddVisits(1) // want `AddVisits comes after`
	_ = s.Save()
}

func (a *app) echo(c echo.Context) error {
	s, err := a.sessions.Load(c.Response(), c.Request())
	if err != nil {
		return err
	}
	s.SetTheme("dark")
	if err := c.String(http.StatusOK, "ok"); err != nil {
		return err
	}
	return s.Save() // want `Save comes after`
}

func (a *app) echoNext(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s, err := a.sessions.Load(c.Response(), c.Request())
		if err != nil {
			return err
		}
		s.AddVisits(1)
		if err := next(c); err != nil {
			return err
		}
		return s.Save() // want `Save comes after`
	}
}

// Rounds of a loop.

func (a *app) everyRound(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	for _, sku := range r.Form["sku"] {
		s.AppendCart(web.Item{SKU: sku}) // want `AppendCart comes after the response has begun on line \d+`
		if err := s.Save(); err != nil {
			log.Print(err)
			return
		}
		fmt.Fprintln(w, sku)
	}
}

func (a *app) everyRoundOfEndless(w http.ResponseWriter, r *http.Request, next func() (string, error)) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	for {
		line, err := next()
		if err != nil {
			http.Error(w, "no more", http.StatusBadGateway)
			return
		}
		s.SetTheme(line) // want `SetTheme`
		if line != "" {
			fmt.Fprintln(w, line)
		}
		if err := s.Save(); err != nil {
			log.Print(err)
		}
	}
}

func (a *app) lastRound(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	for _, sku := range r.Form["sku"] {
		s.AppendCart(web.Item{SKU: sku})
		if err := s.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		if sku == "last" {
			fmt.Fprintln(w, sku)
			break
		}
	}
}

func (a *app) firstThatWorks(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	for _, theme := range r.Form["theme"] {
		s.SetTheme(theme)
		if err := s.Save(); err != nil {
			continue
		}
		if _, err := fmt.Fprintln(w, theme); err == nil {
			return
		}
	}
}

func (a *app) someRounds(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	for i, sku := range r.Form["sku"] {
		if i == 0 {
			s.AppendCart(web.Item{SKU: sku})
			if err := s.Save(); err != nil {
				return
			}
		}
		fmt.Fprintln(w, sku)
	}
}

// What is said to caches after the cookie.

func (a *app) cached(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=60") // want `Cache-Control comes after the cookie that line 490 may set, and lets caches keep it: set it before`
	w.Header().Set("CDN-Cache-Control", "max-age=600")    // want `CDN-Cache-Control comes after the cookie that line 490`
	w.Header().Add("surrogate-control", "max-age=600")    // want `Surrogate-Control comes after the cookie that line 490`
	fmt.Fprintln(w, "hello")
}

func (a *app) cachedAfterLogout(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	_ = s.Destroy()
	h := w.Header()
	h["Cache-Control"] = []string{"no-cache"} // want `Cache-Control comes after the cookie that line 504`
	h.Del("Cache-Control")                    // want `Cache-Control comes after the cookie that line 504`
	w.WriteHeader(http.StatusNoContent)
}

const aMinute = "max-age=60"

func (a *app) cachedFor(w http.ResponseWriter, r *http.Request, seconds int) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	if s.HasTheme() {
		_ = s.Save()
	} else {
		s.SetTheme("dark")
		if err := s.Save(); err != nil {
			return
		}
	}
	if seconds > 0 {
		w.Header().Set("Cache-Control", fmt.Sprintf("max-age=%d", seconds)) // want `Cache-Control comes after the cookie that line \d+`
	} else {
		w.Header().Set("Cache-Control", "public, "+aMinute) // want `Cache-Control comes after the cookie that line \d+`
	}
	fmt.Fprintln(w, "hello")
}

func (a *app) cachedByHelper(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.AddVisits(1)
	if err := helpers.Commit(s); err != nil {
		return
	}
	cacheable(w) // want `cacheable comes after the cookie that line 540 may set`
	keep := func() { cacheable(w) }
	keep() // want `this closure comes after the cookie that line 540`
	fmt.Fprintln(w, "hello")
}

func cacheable(w http.ResponseWriter) { w.Header().Set("Cache-Control", aMinute) }

func (a *app) ginCached(c *gin.Context) {
	s, err := a.sessions.Load(c.Writer, c.Request)
	if err != nil {
		return
	}
	s.AddVisits(1)
	_ = s.Save()
	c.Header("Cache-Control", "public")             // want `Cache-Control comes after the cookie that line 557`
	c.Writer.Header().Set("Cache-Control", aMinute) // want `Cache-Control comes after the cookie that line 557`
	c.JSON(http.StatusOK, nil)
}

func (a *app) echoCached(c echo.Context) error {
	s, err := a.sessions.Load(c.Response(), c.Request())
	if err != nil {
		return err
	}
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", aMinute) // want `Cache-Control comes after the cookie that line \d+`
	return c.NoContent(http.StatusNoContent)
}

// Counting creates a session that is not in the store, cookie included.

func (a *app) countedLate(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	fmt.Fprintln(w, "hello")
	if _, err := s.CountTries(1); err != nil { // want `CountTries comes after the response has begun`
		log.Print(err)
	}
}

func (a *app) countedLateBehind(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	fmt.Fprintln(w, "hello")
	if tooMany(s) { // want `tooMany comes after the response has begun`
		log.Print("too many")
	}
}

func tooMany(s *web.Session) bool {
	tries, err := s.CountTries(1)
	return err != nil || tries > 5
}
