package record

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func limited(t testing.TB, maxSize int) *Layout {
	t.Helper()
	l, err := NewLayout([]Field{{Name: "L", Key: "l", Type: List, Check: checkTexts, Max: 3}, {Name: "M", Key: "m", Type: Map, Check: checkDict, Max: 3},
		{Name: "N", Key: "n", Type: Int64, Counter: true}, {Name: "S", Key: "s", Type: String},
		{Name: "P", Key: "p", Type: Map, Check: checkDict}, {Name: "T", Key: "t", Type: Map, Check: checkDict, TTL: time.Hour}}, maxSize)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func appendText(s *session, i int, v string) { Append(&s.Fields, i, []string{v}, (*Writer).String) }

func TestAFieldOverItsMaxRefusesFurtherOperationsUntilItIsSetOrCleared(t *testing.T) {
	over := map[int]func(*session){
		0: func(s *session) {
			for n := range 5 {
				appendText(s, 0, fmt.Sprint(n))
			}
		},
		1: func(s *session) {
			for n := range 5 {
				put(s, 1, fmt.Sprint(n), "v")
			}
			del(s, 1, "0")
			del(s, 1, "1")
		},
	}
	anew := map[string]func(s *session, i int){
		"Clear": func(s *session, i int) { s.Remove(i) },
		"Set": func(s *session, i int) {
			if i == 0 {
				Set(&s.Fields, 0, []string{"one"}, writeTexts)
			} else {
				Set(&s.Fields, 1, map[string]string{"one": ""}, writeDict)
			}
		},
	}
	for i, exceed := range over {
		for name, start := range anew {
			for base, stored := range map[string][]byte{"new": nil, "stored": pack("l", []byte{0x91, 0xa1, 'x'}, "m", pack("x", str("v")))} {
				s := open(t, limited(t, 0), stored)
				exceed(s)
				var e *Error
				if _, err := s.Begin(); !errors.As(err, &e) || e.Field.Key != []string{"l", "m"}[i] || !strings.Contains(err.Error(), "4 elements where at most 3") {
					t.Errorf("%d, %s: Begin = %v", i, base, err)
				}
				if n := len(Get(&s.Fields, 0, texts)) + len(Get(&s.Fields, 1, dict)); n > 5 {
					t.Errorf("%d, %s: it has grown to %d", i, base, n)
				}
				start(s, i)
				appendText(s, 0, "more")
				put(s, 1, "more", "v")
				if _, err := s.Begin(); err != nil {
					t.Errorf("%d, %s, %s: Begin = %v", i, base, name, err)
				}
			}
		}
	}
}

func TestPutsInPlaceOfOthersAreNotOverTheMax(t *testing.T) {
	s := open(t, limited(t, 0), pack("m", pack("a", str("1"), "b", str("2"))))
	for range 3 {
		for _, k := range []string{"a", "b", "c"} {
			put(s, 1, k, "v")
		}
		s.Has(1)
		Get(&s.Fields, 1, dict)
		del(s, 1, "a")
		put(s, 1, "d", "v")
		del(s, 1, "d")
		del(s, 1, "none")
	}
	if _, err := s.Begin(); err != nil {
		t.Errorf("Begin = %v", err)
	}
}

// Fields that stand over their Max in the store, because it was larger once, can be made smaller.
func TestDeletesBringAStoredMapBelowItsMax(t *testing.T) {
	s := open(t, limited(t, 0), pack("m", pack("a", str(""), "b", str(""), "c", str(""), "d", str(""), "e", str(""))))
	del(s, 1, "a")
	del(s, 1, "b")
	if next := s.save(t, s.Base()); !bytes.Equal(next, pack("m", pack("c", str(""), "d", str(""), "e", str("")))) {
		t.Errorf("saved % x", next)
	}
}

func TestChangesThatNoRecordCanHoldAreRefused(t *testing.T) {
	const limit = 4000
	l := limited(t, limit)
	for name, grow := range map[string]func(s *session, n int){
		"put":      func(s *session, n int) { put(s, 4, fmt.Sprint(n), "value") },
		"put, ttl": func(s *session, n int) { put(s, 5, fmt.Sprint(n), "value") },
	} {
		s := open(t, l, nil)
		for n := range 100_000 {
			grow(s, n)
		}
		s.Add(2, 1)
		del(s, 4, "none")
		if size := len(s.value(4)) + len(s.value(5)); size > 2*limit+100 || len(s.log) > 2*limit/10 {
			t.Errorf("%s: it keeps %d bytes and %d ops", name, size, len(s.log))
		}
		_, err := s.Begin()
		var e *TooLarge
		if !errors.As(err, &e) || e.Size <= limit || e.Sizes["p"]+e.Sizes["t"] < limit-100 {
			t.Errorf("%s: Begin = %+v", name, err)
		}
		if n := s.Int64(2); n != 0 {
			t.Errorf("%s: another field has %d", name, n)
		}
		s.Remove(4)
		s.Remove(5)
		if _, err := s.Begin(); !errors.As(err, &e) {
			t.Errorf("%s: with the large one gone, what was dropped is forgotten: %v", name, err)
		}
		s.SetInt64(2, 1)
		if _, err := s.Begin(); err != nil {
			t.Errorf("%s: started anew: %v", name, err)
		}
	}
}

func TestALargeValueMayBeReplacedByASmallOne(t *testing.T) {
	s := open(t, limited(t, 1000), nil)
	s.SetString(3, strings.Repeat("x", 2000))
	if _, err := s.Begin(); err == nil {
		t.Error("too much was handed out")
	}
	s.SetString(3, "x")
	s.Add(2, 1)
	if next := s.save(t, nil); !bytes.Equal(next, pack("n", num(1), "s", str("x"))) {
		t.Errorf("saved % x", next)
	}
}
