package concurrency

import (
	"fmt"
	"net/http"
	"reflect"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func CountersOfManyRequestsAddUp(t *testing.T, connect func() session.Store) {
	const requests = 64
	times := count(50)
	site := newSite(t, func(int) http.Handler {
		return Visitors(t, connect()).Handle(func(_ http.ResponseWriter, _ *http.Request, s *visitor.Session) error {
			s.AddCount(1)
			return nil
		})
	})
	m := Visitors(t, connect())
	b := site.browser(t)
	b.get(0, "/")
	Together(requests, func(i int) {
		for range times {
			b.get(i, "/")
		}
	})
	if got := Open(t, m, b.cookie().Value).Count(); got != int64(requests*times+1) {
		t.Errorf("counted %d, want %d", got, requests*times+1)
	}
}

func WhatManyRequestsAppendIsThereOnce(t *testing.T, connect func() session.Store) {
	const requests, times = 64, 5
	managers := []*visitor.Sessions{Visitors(t, connect()), Visitors(t, connect())}
	cookie, token := Begin(t, managers[0], func(s *visitor.Session) { s.AppendItems("first") })
	Together(requests, func(i int) {
		for j := range times {
			s, err := managers[i%processes].Load(Visit(cookie))
			if err != nil {
				t.Error(err)
				return
			}
			s.AppendItems(fmt.Sprint(i, j, "a"))
			s.AppendItems(fmt.Sprint(i, j, "b"), fmt.Sprint(i, j, "c"))
			if err := s.Save(); err != nil {
				t.Error(err)
			}
		}
	})
	items := Open(t, managers[0], token).Items()
	at := make(map[string]int)
	for i, item := range items {
		if _, twice := at[item]; twice {
			t.Errorf("%s is there twice", item)
		}
		at[item] = i
	}
	if want := requests*times*3 + 1; len(items) != want {
		t.Errorf("%d elements, want %d", len(items), want)
	}
	for i := range requests {
		for j := range times {
			if a := at[fmt.Sprint(i, j, "a")]; at[fmt.Sprint(i, j, "b")] != a+1 || at[fmt.Sprint(i, j, "c")] != a+2 {
				t.Fatal("what one request appended is not in one piece and in its order")
			}
		}
	}
}

func PutsAndDeletesOfDifferentKeysAllHold(t *testing.T, connect func() session.Store) {
	const requests = 64
	managers := []*visitor.Sessions{Visitors(t, connect()), Visitors(t, connect())}
	cookie, token := Begin(t, managers[0], func(s *visitor.Session) {
		for i := range requests {
			s.PutMarks(fmt.Sprint("old", i), "there")
		}
	})
	Together(requests, func(i int) {
		s, err := managers[i%processes].Load(Visit(cookie))
		if err != nil {
			t.Error(err)
			return
		}
		s.PutMarks(fmt.Sprint("new", i), fmt.Sprint(i))
		s.DeleteMarks(fmt.Sprint("old", i))
		if err := s.Save(); err != nil {
			t.Error(err)
		}
	})
	marks := Open(t, managers[0], token).Marks()
	for i := range requests {
		if got := marks[fmt.Sprint("new", i)]; got != fmt.Sprint(i) {
			t.Errorf("put %d is %q", i, got)
		}
	}
	if len(marks) != requests {
		t.Errorf("%d keys, want %d", len(marks), requests)
	}
}

func OnOneKeyOfAMapAndOnOneFieldTheLaterSaveHolds(t *testing.T, connect func() session.Store) {
	managers := []*visitor.Sessions{Visitors(t, connect()), Visitors(t, connect())}
	type session = *visitor.Session
	for name, c := range map[string]struct{ earlier, later func(session) }{
		"put over put":    {func(s session) { s.PutMarks("k", "earlier") }, func(s session) { s.PutMarks("k", "later") }},
		"put over delete": {func(s session) { s.DeleteMarks("k") }, func(s session) { s.PutMarks("k", "later") }},
		"delete over put": {func(s session) { s.PutMarks("k", "earlier") }, func(s session) { s.DeleteMarks("k") }},
		"set over put": {
			func(s session) { s.PutMarks("j", "earlier") },
			func(s session) { s.SetMarks(map[string]string{"k": "later"}) },
		},
		"set over set":   {func(s session) { s.SetColor("earlier") }, func(s session) { s.SetColor("later") }},
		"clear over set": {func(s session) { s.SetColor("earlier") }, func(s session) { s.ClearColor() }},
		"set over clear": {func(s session) { s.ClearColor() }, func(s session) { s.SetColor("later") }},
		"the same value": {func(s session) { s.SetColor("earlier") }, func(s session) { s.SetColor("loaded") }},
		"set over append": {
			func(s session) { s.AppendItems("earlier") },
			func(s session) { s.SetItems([]string{"later"}) },
		},
		"set over increment": {func(s session) { s.AddCount(5) }, func(s session) { s.SetCount(7) }},
	} {
		// Whoever saves first, the last one's change is what a session gets that knew nothing of the other.
		start := func(s *visitor.Session) {
			s.PutMarks("k", "loaded")
			s.SetColor("loaded")
			s.AppendItems("loaded")
			s.AddCount(1)
		}
		_, token := Begin(t, managers[0], start)
		_, reference := Begin(t, managers[0], start)
		first, second, alone := Open(t, managers[0], token), Open(t, managers[1], token), Open(t, managers[0], reference)
		c.later(second) // called first: it is the Save that counts
		c.earlier(first)
		c.later(alone)
		for _, s := range []*visitor.Session{first, second, alone} {
			if err := s.Save(); err != nil {
				t.Fatal(name, err)
			}
		}
		got, want := Shown(Open(t, managers[0], token)), Shown(Open(t, managers[0], reference))
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}
