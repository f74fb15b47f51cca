// Calls of C: what the compiler reads of this file is what cgo has made of it.

package native

// int answer(void) { return 42; }
import "C"

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"time"

	"example.com/shop/web"
)

func handler(sessions *web.Sessions) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Load(w, r)
		if err != nil {
			return
		}
		s.SetUserID(int64(C.answer())) // want `unsaved: what SetUserID changes in the session may be lost: line 27 is reached without Save`
		s.Prefs()["lang"] = "en"       // want `aliased: this changes the copy that Prefs returned`
		log.Print(C.answer(), s.OTP()) // want `secretleak: OTP is secret and goes to a log`
	}
}

func late(sessions *web.Sessions) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Load(w, r)
		if err != nil {
			return
		}
		fmt.Fprint(w, C.answer())
		s.Save() // want `latesave: Save comes after the response has begun on line 36` `lostresult: the error of Save is dropped`
	}
}

func goes(ctx context.Context, w http.ResponseWriter, s *web.Session) {
	go func() { log.Print(C.answer(), s.UserName()) }() // want `escape: the goroutine uses session s`
}

func limited(w http.ResponseWriter, s *web.Session) {
	if s.Tries() >= int64(C.answer()) { // want `countlimit: this is no limit`
		http.Error(w, "too many", http.StatusTooManyRequests)
		return
	}
	s.AddTries(1)
}

func site(sessions *web.Sessions, mux *http.ServeMux) http.Handler {
	return http.TimeoutHandler(sessions.Middleware(mux), time.Duration(C.answer()), "") // want `timeouthandler: TimeoutHandler around Middleware`
}
