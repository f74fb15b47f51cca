// Package everyday makes the mistakes that every analyzer is there for.
package everyday

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"sync"

	"example.com/shop/web"
)

type app struct {
	sessions *web.Sessions
	tmpl     *template.Template
	cache    map[string]*web.Session
	last     *web.Session
}

var global *web.Session
var current sync.Map

// --- unsaved
func (a *app) u1(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if r.FormValue("a") != "" {
		s.PutPrefs("a", "b") // want `unsaved: `
		s.DeletePrefs("c")
	}
	fmt.Fprint(w, "x")
}

func (a *app) u2(w http.ResponseWriter, r *http.Request) { // saved only if errors.Is
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.ClearCart() // want `unsaved: `
	switch r.Method {
	case "POST":
		if err := s.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
	case "DELETE":
	}
	w.WriteHeader(http.StatusNoContent)
}

func (a *app) u3(w http.ResponseWriter, r *http.Request) {
	s, _ := a.sessions.Load(w, r)
	s.Renew() // want `unsaved: `
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// not reported: whoever asks for the field that he has changed is taken to know
func (a *app) u4(ctx context.Context, t string) error {
	s, err := a.sessions.Open(ctx, t)
	if err != nil {
		return err
	}
	s.AddVisits(1)
	if s.Visits() > 3 {
		return nil
	}
	return s.Save()
}

// saved before the change
func (a *app) u5(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("x") // want `unsaved: `
}

// loop with conditional
func (a *app) u6(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	for _, v := range r.Form["pref"] {
		s.PutPrefs(v, "1") // want `unsaved: `
	}
	json.NewEncoder(w).Encode(s.Prefs())
}

// a logged error instead of the Save
func (a *app) u7(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("x") // want `unsaved: `
	if err := json.NewEncoder(w).Encode(s.Theme()); err != nil {
		log.Print(err)
	}
}

// alias
func (a *app) u8(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	t := s
	u := t
	u.SetTheme("x") // want `unsaved: `
	w.WriteHeader(http.StatusNoContent)
}

// two sessions, wrong one saved
func (a *app) u9(ctx context.Context, x, y string) error {
	from, err := a.sessions.Open(ctx, x)
	if err != nil {
		return err
	}
	to, err := a.sessions.Open(ctx, y)
	if err != nil {
		return err
	}
	to.SetCart(from.Cart())
	from.ClearCart() // want `unsaved: `
	return to.Save()
}

// only in some switch case
func (a *app) u10(w http.ResponseWriter, r *http.Request, v any) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	switch v := v.(type) {
	case string:
		s.SetTheme(v)
		if err := s.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
		}
	case []web.Item:
		s.SetCart(v) // want `unsaved: `
	}
}

// method value setter
func (a *app) u11(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	set := s.SetTheme
	set("x")
	w.WriteHeader(http.StatusNoContent)
}

// --- latesave
func (a *app) l1(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetUserName("x")
	fmt.Fprint(w, "hi")
	if err := s.Save(); err != nil { // want `latesave: `
		log.Print(err)
	}
}

func (a *app) l2(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	defer s.Save() // want `latesave: ` `lostresult: `
	s.SetTheme("x")
	a.tmpl.Execute(w, nil)
}

// write on one branch only, then Save on both
func (a *app) l3(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if r.FormValue("v") != "" {
		io.WriteString(w, "verbose\n")
	}
	s.SetTheme("x") // want `latesave: `
	if err := s.Save(); err != nil {
		log.Print(err)
	}
}

// forgotten return after http.Error
func (a *app) l4(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if r.FormValue("v") == "" {
		http.Error(w, "missing", http.StatusBadRequest)
	}
	s.SetTheme("x") // want `latesave: `
	if err := s.Save(); err != nil {
		log.Print(err)
	}
}

// destroy after redirect
func (a *app) l5(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	if err := s.Destroy(); err != nil { // want `latesave: `
		log.Print(err)
	}
}

// not reported: both depend on conditions, which may exclude each other
func (a *app) l6(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if r.FormValue("v") != "" {
		io.WriteString(w, "verbose\n")
	}
	if t := r.FormValue("theme"); t != "" {
		s.SetTheme(t)
		if err := s.Save(); err != nil {
			log.Print(err)
		}
	}
}

// loop: writes then saves in the next iteration
func (a *app) l7(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	for _, sku := range r.Form["sku"] {
		s.AppendCart(web.Item{SKU: sku}) // want `latesave: `
		if err := s.Save(); err != nil {
			log.Print(err)
			return
		}
		fmt.Fprintln(w, sku)
	}
}

// writes through helper of this package
func page(w http.ResponseWriter, v any) { json.NewEncoder(w).Encode(v) }

func (a *app) l8(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	page(w, s.Theme())
	s.AddVisits(1) // want `latesave: `
	if err := s.Save(); err != nil {
		log.Print(err)
	}
}

// deferred closure saves
func (a *app) l9(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	defer func() { // want `latesave: `
		if err := s.Save(); err != nil {
			log.Print(err)
		}
	}()
	s.SetTheme("x")
	w.WriteHeader(http.StatusNoContent)
}

// TakeNotice after write? Destroy inside goroutine? next.ServeHTTP then change
func (a *app) l10(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := a.sessions.Load(w, r)
		if err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
		s.AddVisits(1) // want `latesave: `
		if err := s.Save(); err != nil {
			log.Print(err)
		}
	})
}

func (a *app) l11(w http.ResponseWriter, r *http.Request) { // ResponseController flush; json encoder var
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	enc.Encode(s.Cart())
	s.ClearCart() // want `latesave: `
	if err := s.Save(); err != nil {
		log.Print(err)
	}
}

// --- lostresult
func (a *app) r1(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("x")
	s.Save() // want `lostresult: `
}

func (a *app) r2(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	defer s.Destroy() // want `lostresult: `
}

type emb struct{ *web.Session }

func r3(e emb) {
	e.Save() // want `lostresult: `
}

func r4(s *web.Session) { (s.Save()) } // want `lostresult: `

func r5(s *web.Session) { f := s.Save; f() } // want `lostresult: `

func r6(s interface{ Save() error }) {}

// --- aliased
func a1(s *web.Session) { s.Cart()[0].Qty++ }                // want `aliased: `
func a2(s *web.Session) { s.Prefs()["a"] = "b" }             // want `aliased: `
func a3(s *web.Session) { _ = append(s.Cart(), web.Item{}) } // want `aliased: `
func a4(s *web.Session) { delete(s.Prefs(), "a") }           // want `aliased: `
func a5(s *web.Session) { s.Ship().City = "x" }              // want `aliased: `
func a6(s *web.Session) {
	c := s.Cart()
	c = append(c, web.Item{}) // want `aliased: `
}
func a7(s *web.Session) {
	p := s.Prefs()
	p["a"] = "b" // want `aliased: `
}
func a8(s *web.Session) {
	for i := range s.Cart() {
		s.Cart()[i].Qty = 0 // want `aliased: `
	}
}
func a9(s *web.Session) {
	for k, v := range r {
		s.Prefs()[k] += v // want `aliased: `
	}
}

var r = map[string]string{}

func a10(s *web.Session) {
	ship := s.Ship()
	if ship != nil {
		ship.Zip = "1" // want `aliased: `
	}
}
func a11(s *web.Session) {
	for i, it := range s.Cart() {
		it.Qty = i // range copy: not ours
		_ = it
	}
}
func a12(s *web.Session) {
	w := s.Wizard()
	w.Step++ // want `aliased: `
}
func a13(s *web.Session) {
	snap := s.Snapshot()
	snap.Theme = "x" // want `aliased: `
}
func a14(s *web.Session) {
	c := s.Cart()
	for i := range c {
		item := &c[i]
		item.Qty++
	}
}
func a15(s *web.Session) {
	if c, ok := s.LookupPrefs("x"); ok {
		c += "!"
	}
}
func a16(w http.ResponseWriter, s *web.Session) { // changed & s saved, not set
	cart := s.Cart()
	cart[0].Qty = 3 // want `aliased: `
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// --- escape
func (a *app) e1(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	go func() { log.Print(s.UserID()) }() // want `escape: `
}
func (a *app) e2(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		return
	}
	global = s // want `escape: `
}
func (a *app) e3(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		return
	}
	a.last = s // want `escape: `
}
func (a *app) e4(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		return
	}
	a.cache[s.UserName()] = s // want `escape: `
}
func (a *app) e5(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		return
	}
	go work(s)            // want `escape: `
	go s.AddVisits(1)     // want `escape: `
	current.Store("x", s) // want `escape: `
}
func work(s *web.Session) { log.Print(s.UserID()) }

func (a *app) e6(w http.ResponseWriter, r *http.Request, s *web.Session) error {
	go func() { // want `escape: `
		log.Print(s.UserName())
	}()
	return nil
}

type hub struct{ members []*web.Session }

var theHub hub

func (a *app) e7(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		return
	}
	theHub.members = append(theHub.members, s) // want `escape: `
}

// goroutine whose closure calls a function value that cannot be waited on
func (a *app) e8(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	ctx := context.WithoutCancel(r.Context())
	go func() { // want `escape: `
		if err := mail(ctx, s.UserName()); err != nil {
			slog.Error("mail", "error", err)
		}
	}()
}
func mail(context.Context, string) error { return nil }

// goroutine with its own ctx.Done select: nobody waits
func (a *app) e9(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	go func() { // want `escape: `
		<-r.Context().Done()
		log.Print("gone ", s.UserID())
	}()
}

// goroutine with defer recover / cancel
func (a *app) e10(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	go func() { // want `escape: `
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		_ = mail(ctx, s.UserName())
	}()
}

// --- secretleak
func s1(s *web.Session)       { log.Printf("otp %s", s.OTP()) }                   // want `secretleak: `
func s2(s *web.Session)       { fmt.Println(s.Snapshot()) }                       // want `secretleak: `
func s3(s *web.Session)       { slog.Info("x", "token", s.Meta().Token) }         // want `secretleak: `
func s4(s *web.Session) error { return fmt.Errorf("bad code %q", s.OTP()) }       // want `secretleak: `
func s5(s *web.Session)       { x := s.OTP(); log.Print("a" + x) }                // want `secretleak: `
func s6(s *web.Session)       { m := s.Meta(); fmt.Fprintln(os.Stderr, m.Token) } // want `secretleak: `
func s7(s *web.Session)       { t, ok := s.TakeState(); log.Print(t, ok) }        // want `secretleak: `
func s8(s *web.Session)       { v, _ := s.LookupTokens("x"); slog.Debug(v) }      // want `secretleak: `
func s9(s *web.Session) error { return errors.New("x" + s.OTP()) }                // want `secretleak: `
func s10(s *web.Session) {
	for k, v := range s.Tokens() {
		log.Print(k, v) // want `secretleak: `
	}
}
func s11(s *web.Session)                 { debug("x", s.OTP()) } // want `secretleak: `
func debug(a string, b any)              { log.Print(a, b) }
func s12(s *web.Session)                 { b, _ := json.Marshal(s.Snapshot()); log.Print(string(b)) } // want `secretleak: `
func s13(l *slog.Logger, s *web.Session) { l.With("otp", s.OTP()).Info("x") }                         // want `secretleak: `
func s14(s *web.Session) {
	var otp string
	otp = s.OTP()
	log.Print(otp) // want `secretleak: `
}

// not reported: the variable is assigned twice
func s15(s *web.Session) {
	otp := s.OTP()
	if otp == "" {
		otp = "none"
	}
	log.Print(otp)
}
func s16(s *web.Session)                        { log.Print(s.Tokens()["gh"]) }            // want `secretleak: `
func s17(s *web.Session)                        { fmt.Printf("%+v", s.Snapshot().Tokens) } // want `secretleak: `
func s18(w http.ResponseWriter, s *web.Session) { http.Error(w, s.OTP(), 400) }            // want `secretleak: `
func s19(s *web.Session)                        { panic("x" + s.OTP()) }                   // want `secretleak: `
func s20(s *web.Session)                        { fmt.Fprintf(log.Writer(), "%s", s.OTP()) }
func s21(s *web.Session)                        { log.Printf("%v", struct{ A string }{s.OTP()}) } // want `secretleak: `
func s22(s *web.Session)                        { log.Print([]byte(s.OTP())) }                    // want `secretleak: `
