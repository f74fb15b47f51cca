package session_test

import (
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
)

func TestWhatWasPlantedInASecretFieldDoesNotCrossALogin(t *testing.T) {
	plant := func(s *lab, g *guest) {
		s.twin().visit(g, func(x *fixture.Session) { x.SetOTP("planted"); x.AddVisits(1) })
	}
	for name, c := range map[string]struct {
		before func(*lab, *guest) // the session is loaded
		after  func(*lab, *guest) // it is
		kept   int64              // visits
	}{
		"loaded":                {before: plant, kept: 2},
		"saved by another":      {after: plant, kept: 2},
		"saved by another late": {after: func(s *lab, g *guest) { s.store.fail(meanwhile(swap, func() { plant(s, g) }), nil) }, kept: 2},
		"loaded, and another has renewed": {before: plant, after: func(s *lab, g *guest) {
			s.twin().visit(g.copy(), func(x *fixture.Session) { x.Renew() })
		}, kept: 2},
		"loaded, and another has logged in": {before: plant, after: func(s *lab, g *guest) {
			s.twin().visit(g.copy(), func(x *fixture.Session) { x.SetUserName("Bob") })
		}, kept: 2},
		"loaded, and another has logged out": {before: plant, after: func(s *lab, g *guest) {
			_ = first(s.twin().load(g)).Destroy()
		}},
		"loaded, and evicted":       {before: plant, after: func(s *lab, _ *guest) { s.store.evict() }},
		"after a write in doubt":    {before: plant, after: func(s *lab, _ *guest) { s.store.fail(nil, once(swap, errTimeout)) }, kept: 2},
		"after a write that failed": {before: plant, after: func(s *lab, _ *guest) { s.store.fail(once(swap, errTimeout), nil) }, kept: 2},
	} {
		for set, own := range map[string]string{"": "", ", own set": "own"} {
			t.Run(name+set, func(t *testing.T) {
				s := newLab(t)
				g := s.known()
				if c.before != nil {
					c.before(s, g)
				}
				x, w := s.load(g)
				if c.after != nil {
					c.after(s, g)
				}
				x.SetUserID(7)
				if own != "" {
					x.SetOTP(own)
				}
				if err := x.Save(); err != nil {
					t.Fatal(err)
				}
				mine := new(guest)
				mine.keep(w.Result())
				if got := s.fields(mine); got.OTP != own || got.UserID != 7 || got.Visits != c.kept {
					t.Errorf("stored: %+v, want otp %q and %d visits", got, own, c.kept)
				}
				if x.OTP() != own || x.HasOTP() != (own != "") || x.Visits() != c.kept {
					t.Errorf("the session shows otp %q and %d visits", x.OTP(), x.Visits())
				}
			})
		}
	}
}

func TestARenewalThatIsNoLoginKeepsSecrets(t *testing.T) {
	for name, change := range map[string]func(*fixture.Session){
		"Renew":               func(x *fixture.Session) { x.Renew() },
		"change of privilege": func(x *fixture.Session) { x.SetUserID(8) },
		"another renew field": func(x *fixture.Session) { x.SetUserName("Ann") },
		"logout by clearing":  func(x *fixture.Session) { x.ClearUserID() },
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			s.visit(g, func(x *fixture.Session) { x.SetUserID(7) })
			s.visit(g, func(x *fixture.Session) { x.SetOTP("123456") })
			s.visit(g, change)
			if got := s.fields(g); got.OTP != "123456" {
				t.Errorf("stored: %+v", got)
			}
		})
	}
}

func TestALoginThatFailsLeavesTheSecretsWhereTheyAre(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.visit(g, func(x *fixture.Session) { x.SetOTP("123456") })
	x, _ := s.load(g)
	x.SetUserID(7)
	s.store.fail(always(errDown, swap), nil)
	if err := x.Save(); err == nil {
		t.Fatal("it has not failed")
	}
	s.store.heal()
	if x.OTP() != "123456" || s.fields(g).OTP != "123456" {
		t.Errorf("the session shows %q, the store has %q", x.OTP(), s.fields(g).OTP)
	}
	if err := x.Save(); err != nil || x.OTP() != "" {
		t.Errorf("the next try: %v, otp %q", err, x.OTP())
	}
}
