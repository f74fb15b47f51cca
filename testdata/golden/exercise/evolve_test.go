package exercise_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
	"github.com/sessiongen/sessiongen/testdata/golden/evolve/after"
	"github.com/sessiongen/sessiongen/testdata/golden/evolve/before"
)

// rollingDeploy saves a session with the new binary, changes it with the old one, and reads it with the new one again.
func rollingDeploy(t *testing.T, first func(*after.Session), old func(*before.Session)) *after.Session {
	t.Helper()
	store := memory.New()
	cfg := session.Config{Secrets: [][]byte{fixture.Secret("exercise")}, SaveTimeout: time.Minute}
	newer, err := after.NewSessions(store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	older, err := before.NewSessions(store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newer.Load(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	first(s)
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	o, err := older.Open(context.Background(), s.Meta().Token)
	if err != nil {
		t.Fatal(err)
	}
	old(o)
	if err := o.Save(); err != nil {
		t.Fatal(err)
	}
	if s, err = newer.Open(context.Background(), s.Meta().Token); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAnOlderBinaryKeepsWhatItDoesNotKnow(t *testing.T) {
	rome, oslo := before.Address{City: "Rome"}, before.Address{City: "Oslo"}
	there := after.Address{City: "Bonn", Zip: "53111"}
	s := rollingDeploy(t,
		func(s *after.Session) {
			s.SetOrder(after.Order{
				Ship: there, Bill: &there, ByLabel: map[string]after.Address{"home": there, "work": there},
				Past: []after.Address{there}, Note: "ring twice",
			})
			s.PutPlaces("home", there)
			s.SetAdded("new")
		},
		func(s *before.Session) {
			s.SetOrder(before.Order{
				Ship: rome, Bill: &rome, ByLabel: map[string]before.Address{"home": rome, "new": rome},
				Past: []before.Address{rome},
			})
			s.PutPlaces("home", oslo)
			s.PutPlaces("work", oslo)
		})

	order, want := s.Order(), after.Address{City: "Rome", Zip: "53111"}
	if order.Ship != want || *order.Bill != want || order.ByLabel["home"] != want {
		t.Errorf("what the older binary does not know of a struct that it set is lost: %+v", order)
	}
	if order.Note != "ring twice" || s.Added() != "new" {
		t.Errorf("unknown fields are lost: %q, %q", order.Note, s.Added())
	}
	if _, deleted := order.ByLabel["work"]; deleted || order.ByLabel["new"] != (after.Address{City: "Rome"}) {
		t.Errorf("the keys of a Go map are the older binary's to set: %v", order.ByLabel)
	}
	if order.Past[0] != (after.Address{City: "Rome"}) {
		t.Errorf("an element of a list was merged with another: %v", order.Past)
	}
	home, _ := s.LookupPlaces("home")
	work, _ := s.LookupPlaces("work")
	if home != (after.Address{City: "Oslo", Zip: "53111"}) || work != (after.Address{City: "Oslo"}) {
		t.Errorf("put values: %v and %v", home, work)
	}
}

func TestAFieldThatChangedItsTypeReadsAsAbsentAndStays(t *testing.T) {
	s := rollingDeploy(t,
		func(s *after.Session) { s.SetAge(7); s.SetPair([3]int{1, 2, 3}); s.SetName("Ada") },
		func(s *before.Session) {
			if s.HasAge() || s.Age() != "" || s.HasPair() || s.Pair() != [2]int{} {
				t.Errorf("values of other types are there: %+v", s.Snapshot())
			}
			if s.Name() != "Ada" {
				t.Errorf("Name() = %q", s.Name())
			}
			s.SetName("Eve")
		})
	if s.Age() != 7 || s.Pair() != [3]int{1, 2, 3} || s.Name() != "Eve" {
		t.Errorf("after the older binary's Save: %+v", s.Snapshot())
	}
}

func TestARenamedKeyIsOneFieldToBothBinaries(t *testing.T) {
	s := rollingDeploy(t,
		func(s *after.Session) { s.SetMail("a@example.com") },
		func(s *before.Session) {
			if s.Mail() != "a@example.com" {
				t.Errorf("the older binary reads %q", s.Mail())
			}
			s.SetMail("b@example.com")
		})
	if s.Mail() != "b@example.com" {
		t.Errorf("the newer binary reads %q", s.Mail())
	}
}
