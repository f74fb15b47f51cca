package migrate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/migrate"
)

// A history is one record's, in two stores, with processes of two neighbouring steps that raise a number in it, read
// it, touch it, are killed in the midst of that, and in half of the histories delete it in the end.
type history struct {
	t        *testing.T
	rnd      *rand.Rand
	old, new *plain
	mayDie   bool
	calm     int // one latency in so many is a long one

	mu       sync.Mutex
	raised   int  // acknowledged
	unknown  int  // not known whether
	deleting bool // a Delete has begun
	deleted  bool // and has been acknowledged
}

func newHistory(t *testing.T, seed uint64) *history {
	rnd := rand.New(rand.NewPCG(seed, 0))
	return &history{t: t, rnd: rnd, old: newPlain(), new: newPlain(), mayDie: rnd.IntN(2) == 0, calm: 3 + rnd.IntN(40)}
}

func (h *history) random(n int) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rnd.IntN(n)
}

// A process uses its store until it is killed.
type process struct {
	*history
	store session.Store
	dead  bool
}

func (h *history) process(step int) *process {
	p := &process{history: h}
	old, new := p.disturb(h.old), p.disturb(h.new)
	switch step {
	case 0:
		p.store = old
	case 1:
		p.store = migrate.New(old, new, time.Hour)
	case 2:
		p.store = migrate.New(new, old, time.Hour)
	case 3:
		p.store = new
	}
	return p
}

// disturb gives a store latencies, by which the calls of processes fall between each other in every order, and now
// and then a long one, in which claims end. The machine may stand still before a call and before its answer. A write
// that its context gives up may be carried out a little later, as the package comment allows.
func (p *process) disturb(s session.Store) session.Store {
	pause := func() time.Duration {
		if p.random(p.calm) == 0 {
			return time.Duration(p.random(700)) * time.Millisecond
		}
		return time.Duration(1+p.random(4)) * time.Millisecond // no call takes no time: claims have one
	}
	die := func() error {
		if p.mayDie && p.random(60) == 0 {
			p.dead = true
		}
		if p.dead {
			return errDead
		}
		return nil
	}
	return &disturbed{s, func(ctx context.Context, call string, carryOut func() error) error {
		if p.random(3) == 0 {
			time.Sleep(pause())
		}
		if ctx.Err() != nil {
			return fmt.Errorf("not sent: %w: %w", session.ErrUnavailable, ctx.Err())
		}
		select {
		case <-time.After(pause()):
		case <-ctx.Done():
			if call == "Get" || p.random(2) == 0 {
				return fmt.Errorf("given up: %w: %w", session.ErrUnavailable, ctx.Err())
			}
			time.AfterFunc(time.Duration(p.random(240))*time.Millisecond, func() { _ = carryOut() })
			return fmt.Errorf("given up, and nobody knows: %w", ctx.Err())
		}
		if err := die(); err != nil {
			return err
		}
		err := carryOut()
		time.Sleep(pause()) // the answer is on its way
		if err := die(); err != nil {
			return err
		}
		return err
	}}
}

const key = "k"

// read is a Get. To a process that has one store, a claim that there is no record is a record that does not open.
func (p *process) read() ([]byte, session.Version, error) {
	value, v, err := p.store.Get(context.Background(), key)
	if bytes.HasPrefix(value, []byte("\xffsessiongen:moved\x01")) {
		return nil, v, session.ErrNotFound
	}
	return value, v, err
}

// get reads the number. It must be there unless it may have been deleted, and not after.
func (p *process) get() (number int, v session.Version, ok bool) {
	p.mu.Lock()
	deletedBefore := p.deleted
	p.mu.Unlock()
	value, v, err := p.read()
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.dead:
		return 0, v, false
	case errors.Is(err, session.ErrNotFound):
		if !p.deleting {
			p.t.Error("a logout: the record is not found")
		}
		return 0, v, false
	case err != nil:
		if !errors.Is(err, session.ErrUnavailable) {
			p.t.Errorf("Get: %v", err)
		}
		return 0, v, false
	case deletedBefore:
		p.t.Error("the record is back after its Delete")
	}
	number, err = strconv.Atoi(string(value))
	if err != nil {
		p.t.Errorf("Get: %q", value)
	}
	return number, v, true
}

func (p *process) raise() {
	number, v, ok := p.get()
	if !ok {
		return
	}
	err := p.store.Swap(context.Background(), key, []byte(strconv.Itoa(number+1)), v, time.Hour)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err == nil:
		p.raised++
	case p.dead:
		p.unknown++
	case errors.Is(err, session.ErrStale):
	case errors.Is(err, session.ErrNotFound):
		if !p.deleting {
			p.t.Error("a logout: the record that is to be saved is not found")
		}
	case !errors.Is(err, session.ErrUnavailable):
		p.t.Errorf("Swap: %v", err)
	}
}

func (p *process) touch() {
	err := p.store.Touch(context.Background(), key, time.Hour)
	p.mu.Lock()
	defer p.mu.Unlock()
	if errors.Is(err, session.ErrNotFound) && !p.deleting && !p.dead {
		p.t.Error("a logout: the record that is to be touched is not found")
	}
}

func (p *process) delete() {
	p.mu.Lock()
	p.deleting = true
	p.mu.Unlock()
	err := p.store.Delete(context.Background(), key)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil && !p.dead {
		p.deleted = true
	}
}

func (p *process) run(actions int) {
	for range actions {
		if p.dead {
			return
		}
		switch p.random(6) {
		case 0, 1:
			p.get()
		case 2:
			p.touch()
		default:
			p.raise()
		}
	}
}

func play(t *testing.T, seed uint64) {
	h := newHistory(t, seed)
	first := h.random(3) // steps 0 and 1, 1 and 2, or 2 and 3: one store, two, two, one
	ctx := t.Context()
	in := h.old
	if first == 2 || first == 1 && h.random(2) == 0 {
		in = h.new
	}
	if err := in.Add(ctx, key, []byte("0"), time.Hour); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 4 {
		p := h.process(first + i%2)
		wg.Go(func() { p.run(6) })
	}
	if h.random(2) == 0 {
		p := h.process(first + h.random(2))
		wg.Go(func() {
			time.Sleep(time.Duration(p.random(60)) * time.Millisecond)
			p.delete()
		})
	}
	wg.Wait()

	// What is left is found, or stays away, when everybody has come to the next step.
	h.mayDie = false
	for found := 0; found < 3 && !t.Failed(); {
		p := h.process(first + 1)
		number, _, ok := p.get()
		if ok || h.deleting {
			found++ // a store that takes too long makes it unavailable, which is no answer
		}
		if ok && !h.deleting && (number < h.raised || number > h.raised+h.unknown) {
			t.Errorf("the number is %d: %d were acknowledged, of %d nobody knows", number, h.raised, h.unknown)
		}
		time.Sleep(time.Second)
	}
	if first == 1 && !h.deleting {
		if _, there := h.new.live(key); !there {
			t.Error("it is not in the new store")
		}
		if r, there := h.old.live(key); there {
			t.Errorf("the old store has %q", r.value)
		}
	}
}

func TestNoInterleavingOfTwoStepsLosesAnything(t *testing.T) { histories(t, play) }

// add lets four processes of two neighbouring steps, of which some are killed, add a record under one key.
func add(t *testing.T, seed uint64) {
	h := newHistory(t, seed)
	first := h.random(3)
	var added, perhaps []string
	var wg sync.WaitGroup
	for i := range 4 {
		p := h.process(first + i%2)
		wg.Go(func() {
			time.Sleep(time.Duration(p.random(10)) * time.Millisecond)
			mine := strconv.Itoa(i)
			err := p.store.Add(context.Background(), key, []byte(mine), time.Hour)
			p.mu.Lock()
			defer p.mu.Unlock()
			switch {
			case err == nil && !p.dead:
				added = append(added, mine)
			case errors.Is(err, session.ErrExists), errors.Is(err, session.ErrUnavailable):
			default:
				perhaps = append(perhaps, mine)
			}
		})
	}
	wg.Wait()
	if len(added) > 1 {
		t.Fatalf("%v have all added it", added)
	}
	h.mayDie = false
	var found []byte
	for range 3 {
		for _, step := range []int{first, first + 1} {
			value, _, err := h.process(step).read()
			switch {
			case errors.Is(err, session.ErrUnavailable):
			case errors.Is(err, session.ErrNotFound) && len(added) == 0 && found == nil:
			case err != nil:
				t.Errorf("Get: %v, after %q", err, found)
			case found == nil && !slices.Contains(append(added, perhaps...), string(value)),
				found != nil && !bytes.Equal(value, found):
				t.Errorf("%q, after %q; added were %v and perhaps %v", value, found, added, perhaps)
			default:
				found = value
			}
		}
		time.Sleep(time.Second)
	}
	if found != nil && len(added) == 1 && string(found) != added[0] {
		t.Errorf("%q is there, and %q was added", found, added[0])
	}
}

func TestNoInterleavingOfTwoStepsAddsAKeyTwice(t *testing.T) { histories(t, add) }

// histories plays some thousand of them, or as many as the environment says.
func histories(t *testing.T, play func(t *testing.T, seed uint64)) {
	n := 3000
	if text := os.Getenv("SESSIONGEN_HISTORIES"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	base := uint64(time.Now().UnixNano())
	for i := range n {
		seed := base + uint64(i)
		bubble.Test(t, func(t *testing.T) {
			play(t, seed)
			if t.Failed() {
				t.Logf("seed %d", seed)
			}
		})
		if t.Failed() {
			return
		}
	}
}
