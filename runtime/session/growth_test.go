package session_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/internal/growth"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// BenchmarkGrowth compares requests that save n operations with requests that set the whole that they make: medians of
// what a request's session costs, in turns, so that both see the same machine. Those that meet a conflict save twice, as
// another process has written meanwhile. The metric "times-whole" is to be at most 4. What the operations cost without a Save around them, package record's benchmark of this name says.
func BenchmarkGrowth(b *testing.B) {
	sessions, err := member.NewSessions(memory.New(), session.Config{Secrets: [][]byte{fixture.Secret("growth")}})
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{10, 100, 1000, 10_000} {
		list, dict := make([]string, n), make(map[string]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("preference-%d", (i*7919)%n)
			dict[list[i]] = "value"
		}
		for _, c := range []struct {
			name        string
			whole, each func(*member.Session)
		}{
			{"append", func(s *member.Session) { s.SetCart(list) }, func(s *member.Session) {
				for _, text := range list {
					s.AppendCart(text)
				}
			}},
			{"put", func(s *member.Session) { s.SetPrefs(dict) }, func(s *member.Session) {
				for _, key := range list {
					s.PutPrefs(key, "value")
				}
			}},
		} {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				timed := func(change func(*member.Session)) time.Duration {
					w, r := httptest.NewRecorder(), httptest.NewRequest("POST", "https://shop.example/", nil)
					began := time.Now()
					s, err := sessions.Load(w, r)
					if err != nil {
						b.Fatal(err)
					}
					change(s)
					if err := s.Save(); err != nil {
						b.Fatal(err)
					}
					took := time.Since(began)
					if err := s.Destroy(); err != nil {
						b.Fatal(err)
					}
					return took
				}
				growth.Compare(b, n, func() time.Duration { return timed(c.whole) }, func() time.Duration { return timed(c.each) })
			})
		}
	}
}
