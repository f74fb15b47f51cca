// Package shown has correct handlers that change copies to show them, hand on plain values and compare secrets.
package shown

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"log"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"

	"example.com/shop/web"
)

type app struct {
	sessions *web.Sessions
	mu       sync.Mutex
	last     map[int64]string
	queue    chan int64
}

func (a *app) filter(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	big := slices.DeleteFunc(s.Cart(), func(i web.Item) bool { return i.Qty < 10 })
	json.NewEncoder(w).Encode(big)
}

func (a *app) removeItem(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetCart(slices.DeleteFunc(s.Cart(), func(i web.Item) bool { return i.SKU == r.FormValue("sku") }))
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

func (a *app) defaults(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	prefs := map[string]string{"lang": "en"}
	maps.Copy(prefs, s.Prefs())
	p := s.Prefs()
	if p == nil {
		p = map[string]string{}
	}
	p["lang"] = "de"
	s.SetPrefs(p)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprint(w, prefs)
}

func (a *app) ship(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	addr := s.Ship()
	if addr == nil {
		addr = new(web.Address)
	}
	addr.City = r.FormValue("city")
	s.SetShip(addr)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

func (a *app) total(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	items := s.Cart()
	items[0].Qty *= 2
	fmt.Fprint(w, sum(items))
}
func sum(items []web.Item) (n int) {
	for _, i := range items {
		n += i.Qty
	}
	return n
}

// returned copy
func cartWith(s *web.Session, sku string) []web.Item { return append(s.Cart(), web.Item{SKU: sku}) }

// returned through named result
func view(s *web.Session) (out []web.Item) {
	out = s.Cart()
	for i := range out {
		out[i].SKU = "***"
	}
	return
}

// stored in a struct that's rendered
type page struct{ Items []web.Item }

func pageOf(s *web.Session) page {
	var p page
	p.Items = s.Cart()
	p.Items[0].Qty = 0
	return p
}

// background job takes plain values
func (a *app) background(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	id := s.UserID()
	go func() { log.Print(id) }()
	go audit(s.UserID())
	a.queue <- s.UserID()
	a.mu.Lock()
	a.last[s.UserID()] = s.UserName()
	a.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func audit(int64) {}

// goroutine joined with a context-aware channel
func (a *app) timeout(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	res := make(chan string, 1)
	go func() { res <- s.UserName() }()
	select {
	case n := <-res:
		fmt.Fprint(w, n)
	case <-r.Context().Done():
	}
}

// secrets compared, sent, hashed
func (a *app) otp(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if subtle.ConstantTimeCompare([]byte(s.OTP()), []byte(r.FormValue("otp"))) != 1 {
		log.Printf("wrong otp for %d", s.UserID())
		http.Error(w, "wrong code "+r.FormValue("otp"), 403)
		return
	}
	log.Print("otp set: ", s.HasOTP(), len(s.OTP()), s.OTP() != "")
	slog.Info("session", "session", s, "meta", s.Meta(), "id", s.Meta().ID)
	sms(r.Context(), s.OTP())
	s.ClearOTP()
	if err := s.Save(); err != nil {
		log.Print(fmt.Errorf("save %v: %w", s, err))
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

func sms(ctx context.Context, code string) { _ = code }

// snapshot's non-secret field
func (a *app) snap(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	snap := s.Snapshot()
	log.Print(snap.UserName, snap.Visits)
	json.NewEncoder(w).Encode(snap.Cart)
}

// a local error var shadows; token assigned to an Open job
func (a *app) token(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	t := s.Meta().Token
	go func() {
		s, err := a.sessions.Open(context.Background(), t)
		if err != nil {
			log.Print(err)
			return
		}
		s.SetNotice("done")
		if err := s.Save(); err != nil {
			log.Print(err)
		}
	}()
	w.WriteHeader(202)
}
