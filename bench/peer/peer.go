// Package peer is what is compared: sessiongen, the bare memcached client that no session can beat, and other ways to
// keep a session in Go. Each is a set of handlers that do the same work.
package peer

import (
	"net/http"
	"time"

	"github.com/sessiongen/sessiongen/bench/model"
)

// A Contender is one way to keep sessions. Its handlers read the visitor's name and answer with a short body; a
// failure is a status of 500.
type Contender struct {
	Name string

	// Read answers 500 unless the visitor's name is want: empty for one without a session.
	Read func(want string) http.Handler
	// Write reads the name, adds one to the visits and saves.
	Write http.Handler
	// Create stores the sample session and sets the cookie, Anonymous one of a visitor who has not logged in yet.
	Create, Anonymous http.Handler
	// Login says who an anonymous visitor is and gives the session a new id. It is nil where that is not to be had.
	Login http.Handler
	// Forge returns the Cookie header of somebody who guesses.
	Forge func(cookie string) string
	// Size returns the bytes that the store was last given as a value.
	Size func() int
}

// A Shape is the session that is kept.
type Shape int

const (
	Nine Shape = iota // model.Session
	Two               // model.Small
)

func (s Shape) String() string { return [...]string{"nine fields", "two fields"}[s] }

// values are the fields by name, as libraries without a schema keep them.
func (s Shape) values() map[string]any {
	if s == Two {
		v := model.SmallSample()
		return map[string]any{"name": v.Name, "visits": v.Visits}
	}
	v := model.Sample()
	return map[string]any{
		"name": v.Name, "user_id": v.UserID, "roles": v.Roles, "last_seen": v.LastSeen, "cart": v.Cart,
		"csrf": v.CSRF, "visits": v.Visits, "notice": v.Notice, "lang": v.Lang,
	}
}

// anonymous are the values of a visitor who has not logged in.
func (s Shape) anonymous() map[string]any {
	v := s.values()
	for key := range s.login() {
		delete(v, key)
	}
	return v
}

// login are the values that a login sets.
func (s Shape) login() map[string]any {
	v := map[string]any{"name": model.Name}
	if s == Nine {
		v["user_id"] = model.Sample().UserID
	}
	return v
}

// What all are told alike.
const (
	idleTimeout = 30 * time.Minute
	lifetime    = 12 * time.Hour
	poolSize    = 64
	clientTime  = 10 * time.Second // a busy machine is to slow the benchmark down, not to end it
)

var (
	body   = []byte("ok\n")
	secret = []byte("Zk3vQ8xW1pL7nR5tB9yC2mH6jD4gF0sA")
)

func answer(w http.ResponseWriter) { _, _ = w.Write(body) }

func fail(w http.ResponseWriter, err error) {
	text := "wrong value"
	if err != nil {
		text = err.Error()
	}
	http.Error(w, text, http.StatusInternalServerError)
}

// VisitorName is what each session's name is.
const VisitorName = model.Name
