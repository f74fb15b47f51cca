package session_test

import (
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
)

// otpStored returns the secret of a guest's session.
func (s *lab) otpStored(g *guest) string {
	s.t.Helper()
	x, _ := s.load(g)
	return x.OTP()
}

func TestOfSecretsOnlyWhatTheRequestItselfHasSetCrossesALogin(t *testing.T) {
	save := func(t *testing.T, x *fixture.Session) {
		t.Helper()
		if err := x.Save(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name   string
		change func(t *testing.T, s *lab, g *guest, x *fixture.Session) // before the login
		want   string
	}{
		{"planted before", func(*testing.T, *lab, *guest, *fixture.Session) {}, ""},
		{"set by the same Save", func(_ *testing.T, _ *lab, _ *guest, x *fixture.Session) { x.SetOTP("mine") }, "mine"},
		{"set by an earlier Save", func(t *testing.T, _ *lab, _ *guest, x *fixture.Session) {
			x.SetOTP("mine")
			save(t, x)
		}, "mine"},
		{"set by the first of three", func(t *testing.T, _ *lab, _ *guest, x *fixture.Session) {
			x.SetOTP("mine")
			save(t, x)
			x.AddVisits(1)
			save(t, x)
		}, "mine"},
		{"set by an earlier Save and renewed", func(t *testing.T, _ *lab, _ *guest, x *fixture.Session) {
			x.SetOTP("mine")
			x.Renew()
			save(t, x)
		}, "mine"},
		{"set by an earlier Save after a conflict", func(t *testing.T, s *lab, g *guest, x *fixture.Session) {
			x.SetOTP("mine")
			s.twin().visit(g.copy(), func(y *fixture.Session) { y.SetOTP("theirs") })
			save(t, x)
		}, "mine"},
		{"set by an earlier Save and cleared", func(t *testing.T, _ *lab, _ *guest, x *fixture.Session) {
			x.SetOTP("mine")
			save(t, x)
			x.ClearOTP()
			save(t, x)
		}, ""},
		{"overwritten by another holder since", func(t *testing.T, s *lab, g *guest, x *fixture.Session) {
			x.SetOTP("mine")
			save(t, x)
			s.twin().visit(g.copy(), func(y *fixture.Session) { y.SetOTP("theirs") })
		}, ""},
		{"overwritten during the login", func(t *testing.T, s *lab, g *guest, x *fixture.Session) {
			x.SetOTP("mine")
			save(t, x)
			s.store.fail(meanwhile(swap, func() {
				s.store.fail(nil, nil)
				s.twin().visit(g.copy(), func(y *fixture.Session) { y.SetOTP("theirs") })
			}), nil)
		}, ""},
		{"the same text by another holder, for longer", func(t *testing.T, s *lab, g *guest, x *fixture.Session) {
			x.SetOTP("mine")
			save(t, x)
			s.clock.advance(time.Minute)
			s.twin().visit(g.copy(), func(y *fixture.Session) { y.SetOTP("mine") })
		}, ""},
		{"taken away by another holder since", func(t *testing.T, s *lab, g *guest, x *fixture.Session) {
			x.SetOTP("mine")
			save(t, x)
			s.twin().visit(g.copy(), func(y *fixture.Session) { y.ClearOTP() })
		}, ""},
		{"set by an earlier Save whose session a renewal has ended", func(t *testing.T, s *lab, g *guest, x *fixture.Session) {
			x.SetOTP("mine")
			save(t, x)
			s.twin().visit(g.copy(), func(y *fixture.Session) { y.Renew() })
		}, "mine"},
		{"planted in a session that a renewal has ended", func(t *testing.T, s *lab, g *guest, x *fixture.Session) {
			s.twin().visit(g.copy(), func(y *fixture.Session) { y.Renew() })
		}, ""},
		{"set before a Destroy", func(t *testing.T, _ *lab, _ *guest, x *fixture.Session) {
			x.SetOTP("mine")
			save(t, x)
			if err := x.Destroy(); err != nil {
				t.Fatal(err)
			}
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			s.visit(g, func(x *fixture.Session) { x.SetOTP("planted") })
			x, w := s.load(g)
			c.change(t, s, g, x)
			x.SetUserID(7)
			save(t, x)
			g.keep(w.Result())
			if got := s.otpStored(g); got != c.want {
				t.Errorf("after the login the secret is %q, want %q", got, c.want)
			}
			if got := s.fields(g); got.UserID != 7 {
				t.Errorf("the login is %+v", got)
			}
		})
	}
}

func TestASessionThatTheRequestHasBegunKeepsItsSecretsOverALogin(t *testing.T) {
	s := newLab(t)
	g := new(guest)
	x, w := s.load(g)
	for _, change := range []func(){func() { x.SetOTP("mine") }, func() { x.SetUserID(7) }} {
		change()
		if err := x.Save(); err != nil {
			t.Fatal(err)
		}
	}
	g.keep(w.Result())
	if got := s.otpStored(g); got != "mine" {
		t.Errorf("the secret is %q", got)
	}
}

func TestAnotherRequestOfTheSameBrowserHasNotSetASecretThatCrosses(t *testing.T) {
	s := newLab(t)
	g := new(guest)
	s.visit(g, func(x *fixture.Session) { x.SetOTP("mine") })
	s.visit(g, func(x *fixture.Session) { x.SetUserID(7) })
	if got := s.otpStored(g); got != "" {
		t.Errorf("the secret is %q", got)
	}
}
