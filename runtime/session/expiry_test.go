package session_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// By the clocks of a real server, and of this one: each kind of session is there until its own idle timeout, and two
// seconds later it is not. memcached's clock ticks once a second, and on a busy machine a tick may come late: then once
// more.
func TestOnMemcachedEachKindOfSessionEndsWithinTwoSecondsOfItsTime(t *testing.T) {
	t.Parallel()
	idle := map[string]time.Duration{"anonymous": time.Second, "the rule": 2 * time.Second, "remembered": 3 * time.Second}
	sessions, err := fixture.NewSessions(connect(t, servertest.Memcached(t)), session.Config{
		Secrets:     [][]byte{fixture.Secret("k")},
		IdleTimeout: idle["the rule"],
		Anonymous:   session.Timeouts{Idle: idle["anonymous"]},
		Remembered:  session.Timeouts{Idle: idle["remembered"]},
		SaveTimeout: time.Minute,
		Passive:     func(*http.Request) bool { return true }, // to look is no use
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*fixture.Session){
		"anonymous": visitOnce, "the rule": login, "remembered": loginRemembered,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrong := ""
			for range 5 {
				if wrong = endsInTime(t, sessions, change, idle[name]); wrong == "" {
					return
				}
			}
			t.Error(wrong)
		})
	}
}

// endsInTime says what is wrong with when a session of an idle timeout ends, if something is.
func endsInTime(t *testing.T, sessions *fixture.Sessions, change func(*fixture.Session), idle time.Duration) (wrong string) {
	w := httptest.NewRecorder()
	x, err := sessions.Load(w, httptest.NewRequest("GET", "https://shop.example/", nil))
	if err != nil {
		t.Fatal(err)
	}
	change(x)
	before := time.Now()
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	after := time.Now()
	g := new(guest)
	g.keep(w.Result())
	for ; ; time.Sleep(20 * time.Millisecond) {
		asked := time.Now()
		x, err := sessions.Load(httptest.NewRecorder(), g.request())
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case x.Meta().New && time.Since(before) < idle:
			return fmt.Sprintf("it is gone after %v", time.Since(before))
		case x.Meta().New:
			return ""
		case asked.Sub(after) > idle+2*time.Second:
			return fmt.Sprintf("it is there %v after its time", asked.Sub(after)-idle)
		}
	}
}
