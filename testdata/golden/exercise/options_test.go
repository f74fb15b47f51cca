package exercise_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/testdata/golden/binary"
	"github.com/sessiongen/sessiongen/testdata/golden/exercise"
	"github.com/sessiongen/sessiongen/testdata/golden/flash"
	"github.com/sessiongen/sessiongen/testdata/golden/max"
	"github.com/sessiongen/sessiongen/testdata/golden/renew"
	"github.com/sessiongen/sessiongen/testdata/golden/secret"
	"github.com/sessiongen/sessiongen/testdata/golden/text"
	"github.com/sessiongen/sessiongen/testdata/golden/ttl"
)

func wantFieldError(t *testing.T, err error, field, key string) {
	t.Helper()
	var fe *session.FieldError
	if !errors.As(err, &fe) || fe.Field != field || fe.Key != key {
		t.Errorf("Save() = %v, want a FieldError of %s (%s)", err, field, key)
	}
}

func TestAValueThatDoesNotMarshalIsAnErrorOfSave(t *testing.T) {
	site := exercise.NewSite(t, text.NewSessions)
	s := site.Load(t)
	s.SetColour(text.Green)
	s.SetColours([]text.Colour{text.Red, 7})
	wantFieldError(t, s.Save(), "Colours", "colours")
	s.SetColours([]text.Colour{text.Red})
	site.Save(t)
	s = site.Load(t)
	if s.Colour() != text.Green || len(s.Colours()) != 1 {
		t.Errorf("after another try: %+v", s.Snapshot())
	}

	b := exercise.NewSite(t, binary.NewSessions).Load(t)
	b.SetCoord(binary.Coord{})
	wantFieldError(t, b.Save(), "Coord", "coord")
	b.ClearCoord()
	b.AppendCoords(binary.At(1, 2), binary.Coord{})
	wantFieldError(t, b.Save(), "Coords", "coords")
}

func TestMoreThanMaxIsAnErrorOfSave(t *testing.T) {
	for field, change := range map[string]func(*max.Session){
		"Text":  func(s *max.Session) { s.SetText(strings.Repeat("x", 65)) },
		"Name":  func(s *max.Session) { s.SetName(max.Name(strings.Repeat("x", 65))) },
		"Bytes": func(s *max.Session) { s.SetBytes(make([]byte, 65)) },
		"List":  func(s *max.Session) { s.AppendList(make([]string, 11)...) },
		"Map": func(s *max.Session) {
			for i := range 11 {
				s.PutMap(fmt.Sprint(i), "")
			}
		},
	} {
		s := exercise.NewSite(t, max.NewSessions).Load(t)
		change(s)
		wantFieldError(t, s.Save(), field, strings.ToLower(field))
	}
	s := exercise.NewSite(t, max.NewSessions).Load(t)
	s.SetText(strings.Repeat("x", 64))
	s.SetList(make([]string, 10))
	if err := s.Save(); err != nil {
		t.Errorf("just at the limit: %v", err)
	}
}

func TestAFieldWithATTLReadsAsAbsentAfterIt(t *testing.T) {
	site := exercise.NewSite(t, ttl.NewSessions)
	start := site.Time
	at := func(d time.Duration) *ttl.Session {
		site.Time = start.Add(d)
		return site.Load(t)
	}
	s := at(0)
	s.SetMilli(true)
	s.AppendMin("a")
	s.PutSec("k", "v")
	s.AddCount(1)
	site.Save(t)

	s = at(1500*time.Millisecond - 1)
	if !s.Milli() {
		t.Error("Milli is absent before its 1500ms are over")
	}
	s.AppendMin("b") // counts from the first
	site.Save(t)
	if s = at(1500 * time.Millisecond); s.HasMilli() || s.Milli() {
		t.Error("Milli is there after 1500ms")
	}
	if s = at(time.Minute - 1); len(s.Min()) != 2 || s.HasSec() {
		t.Errorf("before a minute is over: %+v", s.Snapshot())
	}
	if s = at(time.Minute); s.HasMin() || s.Count() != 1 {
		t.Errorf("after a minute: %+v", s.Snapshot())
	}
	s.AppendMin("c") // counts anew
	site.Save(t)
	if s = at(2*time.Minute - 1); len(s.Min()) != 1 {
		t.Errorf("after another: %+v", s.Snapshot())
	}
}

func TestASecretIsNeverShown(t *testing.T) {
	s := exercise.NewSite(t, secret.NewSessions).Load(t)
	s.SetToken("hunter2")
	s.PutKeys("hunter2", "hunter2")
	s.SetName("Ada")
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("in", "session", s)
	shown := fmt.Sprintf("%v %+v %s %q %#v", s, s, s, s, s) + log.String()
	if strings.Contains(shown, "hunter2") || !strings.Contains(shown, "Ada") {
		t.Errorf("shown: %s", shown)
	}
	if snap := s.Snapshot(); snap.Token != "hunter2" {
		t.Error("a snapshot leaves the secret out")
	}
}

func TestAFlashShowsWithoutBeingTaken(t *testing.T) {
	s := exercise.NewSite(t, flash.NewSessions).Load(t)
	s.SetText("once")
	if text := s.String(); !strings.Contains(text, "once") || !s.HasText() {
		t.Errorf("String() = %s, HasText() = %v", text, s.HasText())
	}
}

func TestASnapshotLeavesAFlashWhereItIs(t *testing.T) {
	site := exercise.NewSite(t, flash.NewSessions)
	s := site.Load(t)
	s.SetText("once")
	for range 2 { // set by this request, and stored
		if snap := fmt.Sprintf("%+v", s.Snapshot()); strings.Contains(snap, "once") {
			t.Errorf("the snapshot shows %s", snap)
		}
		site.Save(t)
		s = site.Load(t)
	}
	if text, ok := s.TakeText(); text != "once" || !ok {
		t.Errorf("taken: %q, %t", text, ok)
	}
}

func TestARenewFieldGivesANewID(t *testing.T) {
	site := exercise.NewSite(t, renew.NewSessions)
	site.Load(t).SetTheme("dark")
	site.Save(t)
	s := site.Load(t)
	before := s.Meta().ID
	s.SetTheme("light")
	site.Save(t)
	if s.Meta().ID != before {
		t.Error("another field changed the id")
	}
	for name, change := range map[string]func(*renew.Session){
		"SetUserID":   func(s *renew.Session) { s.SetUserID(1) },
		"AppendRoles": func(s *renew.Session) { s.AppendRoles("admin") },
		"ClearRoles":  func(s *renew.Session) { s.ClearRoles() },
	} {
		s := site.Load(t)
		before := s.Meta().ID
		change(s)
		site.Save(t)
		if s.Meta().ID == before {
			t.Errorf("%s kept the id", name)
		}
	}
}
