package file_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/file"
	"github.com/sessiongen/sessiongen/runtime/store/storetest"
)

func TestThePoolOfAnonymousSessionsConforms(t *testing.T) {
	storetest.Run(t, func(t *testing.T) session.Store {
		return session.AnonymousPool(open(t, newPath(t), file.Options{}, file.Env{}))
	})
}

func TestAtTheCapPassersByGoFirst(t *testing.T) {
	path := newPath(t)
	s := open(t, path, file.Options{MaxSessions: 10}, file.Env{})
	addPasser := func(key string) {
		t.Helper()
		if err := session.AnonymousPool(s).Add(t.Context(), key, []byte("one"), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	gone := func(key string) bool {
		_, _, err := s.Get(t.Context(), key)
		return errors.Is(err, session.ErrNotFound)
	}
	for i := range 5 {
		add(t, s, fmt.Sprint("user", i), "one", time.Hour)
	}
	for i := range 100 {
		addPasser(fmt.Sprint("passer", i))
	}
	for i := range 5 {
		if key := fmt.Sprint("user", i); gone(key) {
			t.Errorf("%s was pushed out by passers-by", key)
		}
	}
	// what is known of a record stays known over a save, a touch and a restart
	_, v := get(t, s, "passer99")
	if err := s.Swap(t.Context(), "passer99", []byte("two"), v, time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := s.Touch(t.Context(), "passer98", time.Hour); err != nil {
		t.Fatal(err)
	}
	_, v = get(t, s, "user0")
	if err := session.AnonymousPool(s).Swap(t.Context(), "user0", []byte("two"), v, time.Hour); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	s = open(t, path, file.Options{MaxSessions: 10}, file.Env{})
	for i := range 5 {
		add(t, s, fmt.Sprint("new", i), "one", time.Hour)
	}
	if n := s.Evicted(); n != 5 || s.Len() != 10 {
		t.Errorf("%d evicted, %d there", n, s.Len())
	}
	for i := range 5 {
		if user, passer := fmt.Sprint("user", i), fmt.Sprint("passer", 95+i); gone(user) || !gone(passer) {
			t.Errorf("after a restart: %s is gone: %v, %s: %v", user, gone(user), passer, gone(passer))
		}
	}
	add(t, s, "one more", "one", time.Hour) // where there are no passers-by, a user goes
	if s.Evicted() != 6 || s.Len() != 10 {
		t.Errorf("%d evicted, %d there", s.Evicted(), s.Len())
	}
}

func TestAKeyThatIsUsedAgainIsOfTheKindThatItIsNow(t *testing.T) {
	clock := newFakeClock()
	s := open(t, newPath(t), file.Options{MaxSessions: 2}, file.Env{Now: clock.Now})
	if err := session.AnonymousPool(s).Add(t.Context(), "again", []byte("one"), time.Minute); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	add(t, s, "again", "two", time.Hour)
	for i := range 10 {
		if err := session.AnonymousPool(s).Add(t.Context(), fmt.Sprint(i), []byte("one"), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	get(t, s, "again")
}
