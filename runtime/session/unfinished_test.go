package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// silences are the ways in which a store can stop to answer, from its n-th call from now on.
var silences = map[string]func(s *faultyStore, n int){
	"no reply arrives":                        func(s *faultyStore, n int) { s.fail(nil, from(n)) },
	"no call arrives":                         func(s *faultyStore, n int) { s.fail(from(n), nil) },
	"one reply is lost, then no call arrives": func(s *faultyStore, n int) { s.fail(from(n+1), from(n)) },
}

// from makes every call time out from the n-th on.
func from(n int) func(call, key string) error {
	return func(string, string) error {
		n--
		if n < 1 {
			return errTimeout
		}
		return nil
	}
}

// An unknownRenewal is a request whose renewal has ended as ErrUnknown.
type unknownRenewal struct {
	*lab
	x       *fixture.Session
	w       *httptest.ResponseRecorder
	g, old  *guest // the browser, and the same with the cookie of before
	login   bool
	addLost bool   // no reply has come even to the write of the new record
	orphans int    // such records, whose ids nobody has
	silence func() // makes the store silent once more
}

// unknownRenewals runs a test for each call from which the store may be silent while a session is renewed.
func unknownRenewals(t *testing.T, test func(t *testing.T, u *unknownRenewal)) {
	for _, login := range []bool{true, false} {
		for how, silence := range silences {
			for n := 1; n <= 2; n++ { // Add and Swap
				name := fmt.Sprintf("login: %t, %s from call %d on", login, how, n)
				t.Run(name, func(t *testing.T) {
					bubble.Test(t, func(t *testing.T) {
						u := &unknownRenewal{lab: newLab(t), g: new(guest), login: login}
						u.silence = func() { silence(u.store, n) }
						u.begin(t)
						test(t, u)
					})
				})
			}
		}
	}
}

func (u *unknownRenewal) begin(t *testing.T) {
	t.Helper()
	u.visit(u.g, func(x *fixture.Session) { x.AddVisits(1); x.SetNotice("hi") })
	u.old = u.g.copy()
	u.x, u.w = u.load(u.g)
	if u.login {
		u.x.SetUserID(7)
		u.x.Remember(true)
	} else {
		u.x.Renew()
	}
	u.x.AddVisits(1)
	before := u.store.size()
	u.store.trips()
	u.silence()
	err := u.x.Save()
	u.store.heal()
	if !errors.Is(err, session.ErrUnknown) {
		t.Fatalf("Save = %v, want ErrUnknown", err)
	}
	if setsCookie(u.w.Header()) {
		t.Fatal("a cookie was sent")
	}
	if u.addLost = !slices.Contains(u.store.trips(), swap); u.addLost {
		u.orphans = u.store.size() - before
	}
}

// saveAgain saves until the store is whole, and wants it done.
func (u *unknownRenewal) saveAgain(t *testing.T) {
	t.Helper()
	if err := u.x.Save(); err != nil {
		t.Fatalf("saved again: %v", err)
	}
	if !setsCookie(u.w.Header()) {
		t.Error("no cookie was sent")
	}
	u.g.keep(u.w.Result())
}

// want checks that the session has moved, as a whole, and is one.
func (u *unknownRenewal) want(t *testing.T, visits int64) {
	t.Helper()
	got, user := u.fields(u.g), int64(0)
	if u.login {
		user = 7
	}
	if got.UserID != user || got.Visits != visits || got.Notice != "hi" {
		t.Errorf("the session has become %+v, want %d visits", got, visits)
	}
	if x, _ := u.load(u.g); x.Meta().Remembered != u.login {
		t.Errorf("it is %v", x.Meta())
	}
	if got := u.fields(u.old); got.Visits != 0 {
		t.Errorf("the old cookie shows %+v", got)
	}
	if n := u.store.size() - u.orphans; n != 2 {
		t.Errorf("%d records, want the session's and the tombstone", n)
	}
}

func TestARenewalOfUnknownOutcomeIsFinishedByTheNextSave(t *testing.T) {
	unknownRenewals(t, func(t *testing.T, u *unknownRenewal) {
		u.saveAgain(t)
		u.want(t, 2)
		u.store.trips()
		if err := u.x.Save(); err != nil {
			t.Errorf("Save of nothing: %v", err)
		}
		wantTrips(t, u.store)
	})
}

func TestWhatIsChangedAfterARenewalOfUnknownOutcomeIsSavedOnce(t *testing.T) {
	unknownRenewals(t, func(t *testing.T, u *unknownRenewal) {
		u.x.AddVisits(10)
		u.saveAgain(t)
		u.want(t, 12)
	})
}

func TestARenewalMayStayUnknownForSeveralSaves(t *testing.T) {
	unknownRenewals(t, func(t *testing.T, u *unknownRenewal) {
		for range 3 {
			u.x.AddVisits(10)
			u.store.fail(always(errTimeout, get, add, swap, remove), nil)
			if err := u.x.Save(); !errors.Is(err, session.ErrUnavailable) || errors.Is(err, session.ErrUnknown) == u.addLost {
				t.Fatalf("Save = %v, want ErrUnavailable, and ErrUnknown if the tombstone was sent", err)
			}
			if !u.addLost { // else it counts in the session of before
				if _, err := u.x.CountVisits(1); !errors.Is(err, session.ErrUnknown) {
					t.Errorf("CountVisits: %v, want ErrUnknown", err)
				}
			}
			if v, ok := u.x.TakeNotice(); ok {
				t.Errorf("TakeNotice = %q", v)
			}
			u.store.heal()
		}
		u.saveAgain(t)
		u.want(t, 32)
	})
}

func TestARenewalOfUnknownOutcomeKeepsWhatAnotherRequestSavesMeanwhile(t *testing.T) {
	unknownRenewals(t, func(t *testing.T, u *unknownRenewal) {
		theirs := u.old.copy()
		want := int64(2)
		y, _ := u.twin().load(theirs)
		if y.Visits() == 1 { // the old record is live
			y.AddVisits(100)
			if err := y.Save(); err != nil {
				t.Fatal(err)
			}
			want = 102
		}
		u.saveAgain(t)
		u.want(t, want)
	})
}

func TestDestroyEndsBothSidesOfARenewalOfUnknownOutcome(t *testing.T) {
	unknownRenewals(t, func(t *testing.T, u *unknownRenewal) {
		if err := u.x.Destroy(); err != nil {
			t.Fatal(err)
		}
		if line := u.w.Header().Get("Set-Cookie"); !strings.Contains(line, "Max-Age=0") {
			t.Errorf("Set-Cookie: %s", line)
		}
		if got := u.fields(u.old); got.Visits != 0 {
			t.Errorf("the old cookie shows %+v", got)
		}
		alive := 0
		for _, r := range u.store.records {
			if r.end.Sub(u.clock.Now()) > 30*time.Second { // else it is a tombstone
				alive++
			}
		}
		if alive != u.orphans {
			t.Errorf("%d records are left", alive-u.orphans)
		}
	})
}

func TestALogoutElsewhereEndsARenewalOfUnknownOutcome(t *testing.T) {
	unknownRenewals(t, func(t *testing.T, u *unknownRenewal) {
		y, _ := u.twin().load(u.old)
		moved := y.Visits() == 0
		if err := y.Destroy(); err != nil {
			t.Fatal(err)
		}
		err := u.x.Save()
		switch {
		case !u.login && !moved && !errors.Is(err, session.ErrGone):
			t.Errorf("Save = %v, want ErrGone", err)
		case u.login && err != nil:
			t.Errorf("the login: %v", err)
		}
		u.g.keep(u.w.Result())
		if got := u.fields(u.g); u.login != (got.UserID == 7) || !u.login && got.Visits != 0 {
			t.Errorf("the session is %+v", got)
		}
	})
}

func TestALoginOfUnknownOutcomeLosesToNoOther(t *testing.T) {
	unknownRenewals(t, func(t *testing.T, u *unknownRenewal) {
		theirs := u.old.copy()
		u.twin().visit(theirs, func(y *fixture.Session) { y.SetUserName("Bob") })
		err := u.x.Save()
		if !u.login {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		u.g.keep(u.w.Result())
		if got := u.fields(u.g); got.UserID != 7 || got.UserName != "" || got.Visits != 2 {
			t.Errorf("the login's session is %+v", got)
		}
		if got := u.fields(theirs); got.UserID != 0 || got.UserName != "Bob" {
			t.Errorf("the other's is %+v", got)
		}
	})
}

func TestARenewalOfUnknownOutcomeIsNotFinishedForWhoHasLeft(t *testing.T) {
	s := newLab(t, func(c *session.Config) { c.SaveTimeout = 50 * time.Millisecond })
	g := s.known()
	ctx, leave := context.WithCancel(t.Context())
	w := httptest.NewRecorder()
	x, err := s.sessions.Load(w, g.request().WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	x.SetUserID(7)
	s.store.fail(from(2), nil)
	if err := x.Save(); !errors.Is(err, session.ErrUnknown) {
		t.Fatalf("Save = %v, want ErrUnknown", err)
	}
	s.store.heal()
	leave()
	s.store.trips()
	if err := x.Save(); !errors.Is(err, session.ErrLateSave) || !errors.Is(err, session.ErrUnknown) {
		t.Errorf("Save = %v, want ErrLateSave and ErrUnknown", err)
	}
	wantTrips(t, s.store)
	if got := s.fields(g); got.Visits != 1 {
		t.Errorf("the session of before shows %+v", got)
	}
}
