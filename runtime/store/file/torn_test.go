package file_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/file"
)

// A loss of power in the midst of a commit leaves any part of its pages. Each is either the old or the new one, or,
// of the one that was being written, half of both. The commit counts once the disk has its last page, which is one of
// the first two.
func TestALossOfPowerLeavesTheStateBeforeOrAfter(t *testing.T) {
	path := newPath(t)
	s := open(t, path, file.Options{}, file.Env{})
	const records = 200
	for i := range records {
		add(t, s, fmt.Sprint(i), fmt.Sprint("before ", i), time.Hour)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, v := get(t, s, "7")
	if err := s.Swap(t.Context(), "7", []byte("after"), v, time.Hour); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(before) != len(after) {
		t.Fatalf("the file has grown from %d to %d bytes: choose another number of records", len(before), len(after))
	}
	const sector = 512
	pageSize := os.Getpagesize()
	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 0))
	for range 50 {
		// Up to the first fsync the pages of the records reach the disk, in any order and part; what counts is still
		// the old.
		torn := append([]byte(nil), before...)
		for at := 2 * pageSize; at < len(torn); at += sector {
			if rnd.IntN(2) == 0 {
				copy(torn[at:at+sector], after[at:at+sector])
			}
		}
		wantTorn(t, seed, torn, records, "before 7")

		// Up to the second, the page that makes it count does, or a part of it.
		torn = append([]byte(nil), after...)
		cut := rnd.IntN(pageSize)
		for meta := range 2 {
			copy(torn[meta*pageSize+cut:(meta+1)*pageSize], before[meta*pageSize+cut:(meta+1)*pageSize])
		}
		wantTorn(t, seed, torn, records, "before 7", "after")
	}
}

func wantTorn(t *testing.T, seed uint64, data []byte, records int, seventh ...string) {
	t.Helper()
	s := open(t, writeFile(t, data), file.Options{}, file.Env{})
	defer s.Close()
	for i := range records {
		got, _ := get(t, s, fmt.Sprint(i))
		if i == 7 && got != seventh[0] && got != seventh[len(seventh)-1] || i != 7 && got != fmt.Sprint("before ", i) {
			t.Fatalf("seed %d, record %d: %q", seed, i, got)
		}
	}
	add(t, s, "one more", "one", time.Hour)
}

// What a disk or a careless copy leaves: pages of zeros, or a file cut short. A page with single bits turned over can
// pass for a good one until bbolt stumbles over it.
func TestADamagedFileIsAnErrorAndNoCrash(t *testing.T) {
	path := newPath(t)
	s := open(t, path, file.Options{}, file.Env{})
	for i := range 150 {
		add(t, s, fmt.Sprint(i), fmt.Sprint("value ", i), time.Hour)
	}
	closeStore(t, s)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pageSize, refused := os.Getpagesize(), 0
	for page := range len(good) / pageSize {
		zeros := append([]byte(nil), good...)
		clear(zeros[page*pageSize : (page+1)*pageSize])
		for _, bad := range [][]byte{zeros, good[:page*pageSize+17]} {
			s, err := file.Open(writeFile(t, bad))
			if err != nil {
				refused++
				continue
			}
			for i := range 149 { // of the first two pages one says what counts, the other what did before the last Add
				get(t, s, fmt.Sprint(i))
			}
			closeStore(t, s)
		}
	}
	if pages := len(good) / pageSize; refused < pages/2 {
		t.Errorf("%d of %d damaged files were refused", refused, 2*pages)
	}
}

// The disk fails, or somebody cuts the file, while it is in use.
func TestAPageThatCannotBeReadIsUnavailableAndNoCrash(t *testing.T) {
	path := newPath(t)
	s := open(t, path, file.Options{}, file.Env{})
	for i := range 500 {
		add(t, s, fmt.Sprint(i), fmt.Sprint("value ", i), time.Hour)
	}
	if err := os.Truncate(path, int64(2*os.Getpagesize())); err != nil {
		t.Fatal(err)
	}
	for i := range 500 {
		if _, _, err := s.Get(t.Context(), fmt.Sprint(i)); !errors.Is(err, session.ErrUnavailable) {
			t.Fatalf("Get: %v", err)
		}
	}
	if err := s.Delete(t.Context(), "1"); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Delete: %v", err)
	}
	_ = s.Close()
}
