package concurrency

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func AFlashIsTakenOnceHoweverManyTry(t *testing.T, connect func() session.Store) {
	const takers = 64
	stores := []*Counting{{Store: connect()}, {Store: connect()}}
	managers := []*visitor.Sessions{Visitors(t, stores[0]), Visitors(t, stores[1])}
	for trial := range 20 {
		note := fmt.Sprint("note ", trial)
		cookie, token := Begin(t, managers[0], func(s *visitor.Session) { s.SetNote(note) })
		var taken atomic.Int64
		Together(takers, func(i int) {
			s, err := managers[i%processes].Load(Visit(cookie))
			if err != nil {
				t.Error(err)
				return
			}
			s.AddCount(1) // stays pending
			if got, ok := s.TakeNote(); ok {
				taken.Add(1)
				if got != note {
					t.Errorf("took %q", got)
				}
			}
			if _, ok := s.TakeNote(); ok {
				t.Error("taken twice by one request")
			}
			if err := s.Save(); err != nil {
				t.Error(err)
			}
		})
		if n := taken.Load(); n != 1 {
			t.Errorf("taken %d times", n)
		}
		if s := Open(t, managers[0], token); s.HasNote() || s.Count() != takers {
			t.Errorf("what is left: %v", s)
		}
	}
}

func OfManyGuessesAtOnceExactlyTheLimitPasses(t *testing.T, connect func() session.Store) {
	const guesses, limit = 500, 5
	managers := []*visitor.Sessions{Visitors(t, connect()), Visitors(t, connect())}
	cookie, token := Begin(t, managers[0], func(s *visitor.Session) { s.SetColor("red") })
	var passed atomic.Int64
	Together(guesses, func(i int) {
		s, err := managers[i%processes].Load(Visit(cookie))
		if err != nil {
			t.Error(err)
			return
		}
		n, err := s.CountCount(1)
		if err != nil {
			t.Error(err)
		} else if n <= limit {
			passed.Add(1)
		}
	})
	if n := passed.Load(); n != limit {
		t.Errorf("%d passed", n)
	}
	if s := Open(t, managers[0], token); s.Count() != guesses || s.Color() != "red" {
		t.Errorf("stored: %v", s)
	}
}
