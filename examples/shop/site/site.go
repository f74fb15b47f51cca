package main

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/sessiongen/sessiongen/examples/shop/site/provider"
	"github.com/sessiongen/sessiongen/runtime/inspect"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A shop is the site.
type shop struct {
	sessions *Sessions
	accounts *accounts
	orders   *orders
	provider string // its address
	client   provider.Client
	log      *slog.Logger
	now      func() time.Time
}

// newShop returns the whole site as one handler. It sets what cfg says of errors, logs, events and bearer tokens.
func newShop(store session.Store, cfg session.Config, providerURL string, client provider.Client, log *slog.Logger) (http.Handler, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &shop{
		accounts: newAccounts(), orders: &orders{of: map[string][]order{}},
		provider: providerURL, client: client, log: log, now: cfg.Now,
	}
	cfg.Logger = log
	cfg.OnError = s.sessionFailed
	cfg.Observer = session.Audit(log) // who logs in and out, and what an honest visitor does not send
	cfg.Bearer = true
	var err error
	if s.sessions, err = NewSessions(store, cfg); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	s.routes(mux)

	// Posts from other sites are refused before a session is even looked at.
	csrf := http.NewCrossOriginProtection()
	csrf.SetDenyHandler(http.HandlerFunc(s.fromElsewhere))
	return http.MaxBytesHandler(csrf.Handler(s.sessions.Middleware(mux)), maxBody), nil
}

// maxBody bounds what a request brings. The longest form is an address.
const maxBody = 64 << 10

const inspectorPath = "/debug/session"

func (s *shop) routes(mux *http.ServeMux) {
	guard := s.sessions.Require((*Session).HasAccount, http.HandlerFunc(toLogin))
	member := func(page http.HandlerFunc) http.Handler { return guard(s.seen(page)) }

	mux.HandleFunc("GET /{$}", s.shelf)
	mux.HandleFunc("GET /products/{product}", s.product)
	mux.HandleFunc("GET /cart", s.cart)
	mux.HandleFunc("POST /cart/{product}", s.changeCart)
	mux.HandleFunc("POST /cart/{product}/add", s.addToCart)
	mux.HandleFunc("POST /prefs", s.savePrefs)

	mux.HandleFunc("GET /login", s.loginForm)
	mux.HandleFunc("POST /login", s.login)
	mux.HandleFunc("POST /logout", s.logout)
	mux.HandleFunc("POST /oauth/start", s.oauthStart)
	mux.HandleFunc("GET /oauth/callback", s.oauthCallback)

	mux.Handle("GET /checkout", http.RedirectHandler(stepPaths[0], http.StatusSeeOther))
	mux.Handle("GET /checkout/address", member(s.step(answers[:0], s.addressForm)))
	mux.Handle("POST /checkout/address", member(s.step(answers[:0], s.saveAddress)))
	mux.Handle("GET /checkout/delivery", member(s.step(answers[:1], s.deliveryForm)))
	mux.Handle("POST /checkout/delivery", member(s.step(answers[:1], s.saveDelivery)))
	mux.Handle("GET /checkout/review", member(s.step(answers[:2], s.review)))
	mux.Handle("POST /checkout/place", member(s.step(answers[:2], s.place)))

	mux.Handle("GET /account", member(s.account))
	mux.Handle("GET /orders/{number}", member(s.order))
	mux.Handle("GET /devices", member(s.devices))
	mux.Handle("POST /devices/end", member(s.endDevice))
	mux.Handle("POST /devices/end-others", member(s.endOthers))

	mux.HandleFunc("GET /api/products", s.apiProducts)
	mux.Handle("POST /api/login", bearerOnly(s.apiLogin))
	app := s.sessions.Require((*Session).HasAccount, http.HandlerFunc(unauthorized))
	caller := func(call http.HandlerFunc) http.Handler { return bearerOnly(app(s.seen(call)).ServeHTTP) }
	mux.Handle("POST /api/logout", caller(s.apiLogout))
	mux.Handle("GET /api/cart", caller(s.apiCart))
	mux.Handle("PUT /api/cart/{product}", caller(s.apiChangeCart))

	// What this visitor's session holds and what happens to all of them. Here whoever asks is on this machine; where
	// others can reach the site it stands behind a guard: s.sessions.Require(isStaff, …).
	mux.Handle(inspectorPath, inspect.New(s.sessions, inspect.Options{}))

	mux.HandleFunc("GET /static/{file}", static)
	mux.HandleFunc("/", s.missing)
}
