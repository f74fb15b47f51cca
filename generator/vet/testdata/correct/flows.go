package correct

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"example.com/shop/helpers"
	"example.com/shop/web"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// OAuth.

func (a *app) oauthStart(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	state := rand.Text()
	s.SetState(state)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "https://idp.example.com/authorize?state="+url.QueryEscape(state), http.StatusFound)
}

func (a *app) oauthCallback(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	want, ok := s.TakeState()
	if !ok || subtle.ConstantTimeCompare([]byte(want), []byte(r.FormValue("state"))) != 1 {
		a.log.Warn("oauth state does not match", "had", ok)
		http.Error(w, "state does not match", http.StatusForbidden)
		return
	}
	if e := r.FormValue("error"); e != "" {
		s.SetNotice("The provider said: " + e)
		if err := s.Save(); err != nil {
			a.fail(w, r, err)
			return
		}
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return
	}
	u, err := a.exchange(r.Context(), r.FormValue("code"))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetUserID(u.ID)
	s.SetUserName(u.Name)
	s.PutTokens("idp", r.FormValue("code"))
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *app) exchange(ctx context.Context, code string) (user, error) {
	return a.db.User(ctx, "oauth", code)
}

func (a *app) fail(w http.ResponseWriter, r *http.Request, err error) {
	a.log.ErrorContext(r.Context(), "request failed", "err", err)
	status := http.StatusInternalServerError
	if errors.Is(err, session.ErrUnavailable) {
		status = http.StatusServiceUnavailable
	}
	http.Error(w, http.StatusText(status), status)
}

// One-time codes.

func (a *app) sendCode(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	code := rand.Text()[:6]
	s.SetOTP(code)
	if err := a.mailer.Send(s.UserName(), "Your code is "+code); err != nil {
		a.fail(w, r, err)
		return
	}
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/code", http.StatusSeeOther)
}

func (a *app) checkCode(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if subtle.ConstantTimeCompare([]byte(s.OTP()), []byte(r.FormValue("code"))) != 1 {
		a.log.Warn("wrong code", "has", s.HasOTP(), "length", len(s.OTP()), "session", s.Meta().ID)
		http.Error(w, "wrong code", http.StatusForbidden)
		return
	}
	s.ClearOTP()
	s.Renew()
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
		return
	}
	fmt.Fprintln(w, "welcome")
}

// csrfField shows a secret where it belongs.
func (a *app) csrfField(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	fmt.Fprintf(w, `<input type="hidden" name="csrf" value=%q>`, s.OTP())
}

func (a *app) mailCode(s *web.Session) error {
	body := fmt.Sprintf("Your code is %s", s.OTP())
	return a.mailer.Send(s.UserName(), body)
}

func (a *app) maskedCode(s *web.Session) {
	otp := s.OTP()
	if len(otp) > 2 {
		log.Printf("code %s***", otp[:2])
	}
	log.Print(strings.Repeat("*", len(otp)))
}

func (a *app) plainParts(s *web.Session) {
	snap := s.Snapshot()
	log.Println(snap.UserName, snap.Theme, len(snap.OTP), s.Meta().ID)
	slog := a.log.With("user", s.UserID())
	slog.Info("seen", "last", s.LastSeen())
}

// A wizard.

func (a *app) wizard(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	wz := s.Wizard()
	if r.Method == http.MethodGet {
		fmt.Fprintf(w, "step %d", wz.Step)
		return
	}
	switch wz.Step {
	case 0:
		wz.Email = r.PostFormValue("email")
		if !strings.Contains(wz.Email, "@") {
			w.WriteHeader(http.StatusUnprocessableEntity)
			fmt.Fprintln(w, "no e-mail address")
			return
		}
		wz.Step = 1
	case 1:
		wz.Tags = append(wz.Tags, r.PostForm["tag"]...)
		wz.Step = 2
	default:
		s.ClearWizard()
		if err := s.Save(); err != nil {
			a.fail(w, r, err)
			return
		}
		http.Redirect(w, r, "/done", http.StatusSeeOther)
		return
	}
	s.SetWizard(wz)
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/wizard", http.StatusSeeOther)
}

func (a *app) wizardGoto(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		goto failed
	}
	s.SetWizard(web.Wizard{Step: 1})
	if err = s.Save(); err != nil {
		goto failed
	}
	http.Redirect(w, r, "/wizard", http.StatusSeeOther)
	return
failed:
	a.fail(w, r, err)
}

// Streaming.

func (a *app) download(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	f, err := os.Open("catalogue.pdf")
	if err != nil {
		a.fail(w, r, err)
		return
	}
	defer f.Close()
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	if _, err := io.Copy(w, f); err != nil {
		a.log.Warn("download", "err", err)
	}
}

func (a *app) export(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	out := csv.NewWriter(w)
	for _, it := range s.Cart() {
		if err := out.Write([]string{it.SKU, fmt.Sprint(it.Qty)}); err != nil {
			return
		}
	}
	out.Flush()
}

func (a *app) events(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetLastSeen(time.Now())
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
		return
	}
	name := s.UserName()
	rc := http.NewResponseController(w)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case now := <-tick.C:
			if _, err := fmt.Fprintf(w, "data: %s %v\n\n", name, now); err != nil {
				return
			}
			if err := rc.Flush(); err != nil {
				return
			}
		}
	}
}

// buffered writes the page when all is saved.
func (a *app) buffered(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	var page bytes.Buffer
	if err := a.pages.Execute(&page, s.UserName()); err != nil {
		a.fail(w, r, err)
		return
	}
	fmt.Fprintf(&page, "<!-- %d -->", s.Visits())
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
		return
	}
	if _, err := page.WriteTo(w); err != nil {
		a.log.Warn("page", "err", err)
	}
}

type heldBack struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (h *heldBack) Write(b []byte) (int, error) { return h.body.Write(b) }

// heldBack replaces the writer by one that holds back what is written.
func (a *app) heldBack(w http.ResponseWriter, r *http.Request) {
	held := &heldBack{ResponseWriter: w}
	s, err := a.sessions.Load(held, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	fmt.Fprintln(held, "hello")
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
		return
	}
	if _, err := held.body.WriteTo(w); err != nil {
		a.log.Warn("page", "err", err)
	}
}

func (a *app) heldBackParam(w http.ResponseWriter, r *http.Request) {
	held := &heldBack{ResponseWriter: w}
	w = held
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	fmt.Fprintln(w, "hello")
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
	}
}

func (a *app) bufferedWriter(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	out := bufio.NewWriterSize(w, 1<<16)
	fmt.Fprintln(out, "hello", s.UserName())
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
		return
	}
	if err := out.Flush(); err != nil {
		a.log.Warn("page", "err", err)
	}
}

// headersOnly sets headers and cookies, which writes nothing yet.
func (a *app) headersOnly(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	http.SetCookie(w, &http.Cookie{Name: "seen", Value: "yes"})
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
	}
}

// notModified writes only where it returns.
func (a *app) notModified(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if r.Header.Get("If-None-Match") == s.Theme() {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
		return
	}
	helpers.Page(w, r, "<p>hello")
}

// failedPage may save after a page that could not be made.
func (a *app) failedPage(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if err := a.page(w, "home"); err != nil {
		s.SetNotice("that page is gone")
		if err := s.Save(); err != nil {
			a.fail(w, r, err)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

// page makes the page before it writes.
func (a *app) page(w http.ResponseWriter, name string) error {
	var b bytes.Buffer
	if err := a.pages.ExecuteTemplate(&b, name, nil); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
}

// sometimesWritten may or may not have answered: the caller knows.
func (a *app) sometimesWritten(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	asJSON := r.Header.Get("Accept") == "application/json"
	if asJSON {
		if err := json.NewEncoder(w).Encode(s.Cart()); err != nil {
			return
		}
	}
	if !asJSON {
		s.AddVisits(1)
		if err := s.Save(); err != nil {
			a.fail(w, r, err)
			return
		}
		fmt.Fprintln(w, "hello")
	}
}

// earlyHints sends an informational response, after which the real one is still to come.
func (a *app) earlyHints(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Link", "</style.css>; rel=preload")
	w.WriteHeader(http.StatusEarlyHints)
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
	}
}

// cancelled gives up when the visitor does.
func (a *app) cancelled(w http.ResponseWriter, r *http.Request, ready chan string) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetLastSeen(time.Now())
	select {
	case theme := <-ready:
		s.SetTheme(theme)
	case <-r.Context().Done():
		return
	}
	if err := r.Context().Err(); err != nil {
		return
	}
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
	}
}

// chat reads in a goroutine and writes here, until the connection ends.
func (a *app) chat(w http.ResponseWriter, r *http.Request, conn socket) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	go func() {
		for {
			if _, err := conn.Read(); err != nil {
				return
			}
			a.log.Info("message", "from", s.UserName())
		}
	}()
	for {
		if err := conn.Write("tick"); err != nil {
			return
		}
		time.Sleep(time.Second)
	}
}

// What may be said to caches.

func (a *app) cachedBefore(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=60")
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Add("Cache-Control", "max-age=60") // beside no-store, which wins
	fmt.Fprintln(w, "hello")
}

func (a *app) privately(w http.ResponseWriter, r *http.Request, policy string) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		w.Header().Set("Cache-Control", "max-age=5") // of the error page, which goes without a cookie
		a.fail(w, r, err)
		return
	}
	switch r.Method {
	case http.MethodGet:
		w.Header().Set("Cache-Control", "private, max-age=60")
	case http.MethodHead:
		w.Header().Set("Cache-Control", "No-Store")
	default:
		w.Header().Set("Cache-Control", policy)
	}
	w.Header().Del("CDN-Cache-Control")
	fmt.Fprintln(w, "hello")
}

func (a *app) cachedWhenRead(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if r.Method == http.MethodPost {
		s.AddVisits(1)
		if err := s.Save(); err != nil {
			a.fail(w, r, err)
			return
		}
	} else {
		w.Header().Set("Cache-Control", "public, max-age=60")
	}
	fmt.Fprintln(w, s.Visits())
}

func (a *app) cachedUnlessChanged(w http.ResponseWriter, r *http.Request, changed bool) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if changed {
		s.AddVisits(1)
		if err := s.Save(); err != nil {
			a.fail(w, r, err)
			return
		}
	}
	if !changed {
		w.Header().Set("Cache-Control", "public, max-age=60")
	}
	fmt.Fprintln(w, s.Visits())
}

func (a *app) cachedWithin(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=60") // no-store, where a cookie goes out
	fmt.Fprintln(w, "hello")
}

// Counting needs no Save.

func (a *app) countsTries(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	tries, err := s.CountTries(1)
	if err != nil || tries > 5 {
		http.Error(w, "too many", http.StatusTooManyRequests)
		return
	}
	fmt.Fprintln(w, "hello")
}

func (a *app) countedTogether(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.AddTries(1)
	var tries int64
	if r.Method == http.MethodPost {
		tries, err = s.CountTries(2)
	} else {
		tries, err = s.CountTries(1)
	}
	if err != nil || tries > 5 {
		http.Error(w, "too many", http.StatusTooManyRequests)
		return
	}
	fmt.Fprintln(w, "hello")
}

func (a *app) countedBehind(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.AddTries(1)
	if err := addAndCount(s); err != nil {
		a.fail(w, r, err)
		return
	}
	fmt.Fprintln(w, "hello")
}

func addAndCount(s *web.Session) error {
	s.AddTries(1)
	_, err := s.CountTries(1)
	return err
}
