// Package secretleak tells secrets.
package secretleak

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"example.com/shop/helpers"
	"example.com/shop/web"
)

type app struct{ log *slog.Logger }

func logged(s *web.Session) {
	log.Println(s.OTP())                // want `OTP is secret and goes to a log`
	log.Printf("code %q", s.OTP())      // want `OTP is secret`
	slog.Info("code", "otp", s.OTP())   // want `OTP is secret`
	log.Default().Print("x " + s.OTP()) // want `OTP is secret`
}

func (a *app) method(s *web.Session) {
	a.log.Warn("wrong code", slog.String("want", s.OTP())) // want `OTP is secret`
	a.log.With("otp", s.OTP()).Info("hello")               // want `OTP is secret`
}

func printed(s *web.Session) {
	fmt.Println(s.OTP())                          // want `OTP is secret and goes to the terminal`
	fmt.Fprintf(os.Stderr, "%s\n", s.OTP())       // want `OTP is secret and goes to the terminal`
	fmt.Print("codes: ", s.Tokens())              // want `Tokens is secret`
	fmt.Print(strings.ToUpper(s.Tokens()["idp"])) // want `Tokens is secret`
}

func failed(s *web.Session, code string) error {
	if code == "" {
		return errors.New("no code, want " + s.OTP()) // want `OTP is secret and goes to an error text`
	}
	return fmt.Errorf("code is %s, want %s", code, s.OTP()) // want `OTP is secret and goes to an error text`
}

func answered(w http.ResponseWriter, s *web.Session) {
	http.Error(w, "want "+s.OTP(), http.StatusForbidden) // want `OTP is secret and goes to an error text`
}

func panics(s *web.Session) {
	panic(fmt.Sprintf("code %s", s.OTP())) // want `OTP is secret and goes to a panic`
}

func variable(s *web.Session) {
	otp := s.OTP()
	text := fmt.Sprintf("code %s", otp)
	log.Print(text) // want `OTP is secret`
	tok, ok := s.LookupTokens("idp")
	log.Print(tok, ok) // want `Tokens is secret`
	state, _ := s.TakeState()
	log.Print(state) // want `State is secret`
}

func token(s *web.Session) {
	log.Print(s.Meta().Token) // want `Meta\(\).Token is secret`
	m := s.Meta()
	log.Print(m.Token) // want `Meta\(\).Token is secret`
	log.Print(m.ID, m)
}

func snapshot(s *web.Session, admin *web.Admin) {
	log.Printf("%+v", s.Snapshot()) // want `the Snapshot is secret`
	snap := s.Snapshot()
	log.Print(snap.OTP) // want `the Snapshot is secret`
	b, err := json.Marshal(snap)
	if err != nil {
		return
	}
	log.Printf("%s", b) // want `the Snapshot is secret`
	log.Print(snap.UserName, snap.Ship, admin.Snapshot())
}

func inLiteral(s *web.Session) func() {
	otp := s.OTP()
	return func() {
		log.Print(map[string]string{"otp": otp}) // want `OTP is secret`
	}
}

func (a *app) Logf(format string, args ...any) { // want Logf:`logs \[0 1\]`
	a.log.Info(fmt.Sprintf(format, args...))
}

func (a *app) Trace(name string, value any) { // want Trace:`logs \[0 1\]`
	a.Logf("%s=%v", name, value)
}

func (a *app) wrapped(s *web.Session) {
	a.Logf("code %s", s.OTP())     // want `OTP is secret and goes to a log, through Logf`
	a.Trace("otp", s.OTP())        // want `OTP is secret and goes to a log, through Trace`
	helpers.Logf("%v", s.Tokens()) // want `Tokens is secret and goes to a log, through Logf`
}

func fine(w http.ResponseWriter, s *web.Session) {
	fmt.Fprintf(w, "your code is %s", s.OTP())
	log.Print(s, s.Meta(), s.HasOTP(), len(s.OTP()), s.OTP() == "", s.UserName())
	otp := s.OTP()
	log.Print(otp[:1], hash(otp))
}

func hash(s string) int { return len(s) }

func ranged(s *web.Session) {
	for provider, token := range s.Tokens() {
		log.Print(provider, token) // want `Tokens is secret`
	}
	for provider := range s.Tokens() {
		log.Print(provider)
	}
	for i, letter := range s.OTP() {
		log.Print(i, letter)
	}
}

func declaredFirst(s *web.Session, again bool) {
	var otp, masked string
	log.Print(otp)
	otp = s.OTP()
	log.Print(otp) // want `OTP is secret`
	masked = s.OTP()
	masked = masked[:1] + "…"
	log.Print(masked)
}

type event struct{ Name, Code string }

func (e *event) redact() { e.Code = "" }

func fields(s *web.Session) {
	var e event
	log.Print(e)
	e.Code = s.OTP()
	log.Printf("%+v", e) // want `OTP is secret`
	log.Print(e.Code)    // want `OTP is secret`
	log.Print(e.Name)
	e.Code = ""
	log.Print(e, e.Code)

	made := event{Name: s.UserName(), Code: s.OTP()}
	log.Print(made.Name)
	log.Print(made.Code) // want `OTP is secret`
	byPlace := &event{s.OTP(), "x"}
	log.Print(byPlace.Code)
	log.Print(byPlace.Name) // want `OTP is secret`

	scrubbed := event{Code: s.OTP()}
	scrubbed.redact()
	log.Print(scrubbed)
}

func partlyCleared(s *web.Session) {
	snap := s.Snapshot()
	snap.OTP, snap.State = "", ""
	log.Print(snap) // want `the Snapshot is secret`
	snap.Tokens = nil
	log.Print(snap)
}

func clearedLate(s *web.Session) {
	snap := s.Snapshot()
	log.Print(snap) // want `the Snapshot is secret`
	snap.OTP, snap.Tokens, snap.State = "", nil, ""
}

// A hidden shows nothing of itself.
type hidden struct{ value string }

func (hidden) LogValue() slog.Value { return slog.StringValue("hidden") }

func hides(s *web.Session) {
	slog.Info("code", "otp", hidden{s.OTP()})
	code := hidden{s.OTP()}
	slog.Info("code", "otp", code)
	slog.Info("code", "otp", code.value) // want `OTP is secret`
}

func masks(s *web.Session) {
	e := event{Name: s.UserName(), Code: s.OTP()}
	e.Code = strings.Repeat("*", len(e.Code))
	log.Print(e)
	both := event{s.OTP(), s.OTP()}
	both.Code = ""
	log.Print(both) // want `OTP is secret`
}

type outer struct{ event }

func embedded(s *web.Session) {
	o := outer{event{Code: s.OTP()}}
	log.Print(o.Code) // want `OTP is secret`
}
