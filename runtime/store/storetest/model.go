package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

const modelSteps = 2000

// model compares the store with a map over a random run of calls, by one caller at a time, so that each answer is
// known.
func model() []test {
	return []test{{"a random run of calls answers as a map would", func(f *fixture) {
		seed := uint64(time.Now().UnixNano())
		m := &modelRun{
			fixture: f, rnd: rand.New(rand.NewPCG(seed, 0)),
			want: make(map[string]string), current: make(map[string]session.Version),
		}
		for range 5 {
			m.keys = append(m.keys, f.key())
		}
		for i := range modelSteps {
			if err := m.step(); err != nil {
				f.Fatalf("seed %d, step %d: %v", seed, i, err)
			}
		}
	}}}
}

type modelRun struct {
	*fixture
	rnd  *rand.Rand
	keys []string

	want    map[string]string          // the records
	current map[string]session.Version // of a record, where it was read since it was written
	seen    []session.Version          // every version ever read, of any key
}

func (m *modelRun) step() error {
	k := m.keys[m.rnd.IntN(len(m.keys))]
	_, there := m.want[k]
	switch m.rnd.IntN(12) {
	case 0, 1, 2:
		return m.checkGet(k)
	case 3, 4:
		value := m.value()
		err := m.store.Add(m.ctx(), k, []byte(value), forever)
		if there {
			return expect("Add", err, session.ErrExists)
		}
		m.write(k, value)
		return expect("Add", err, nil)
	case 5, 6, 7, 8:
		return m.checkSwap(k, there)
	case 9, 10:
		err := m.store.Touch(m.ctx(), k, forever)
		if there {
			return expect("Touch", err, nil)
		}
		return expect("Touch", err, session.ErrNotFound)
	default:
		delete(m.want, k)
		delete(m.current, k)
		return expect("Delete", m.store.Delete(m.ctx(), k), nil)
	}
}

func (m *modelRun) checkGet(k string) error {
	got, v, err := m.store.Get(m.ctx(), k)
	want, there := m.want[k]
	if !there {
		return expect("Get", err, session.ErrNotFound)
	}
	if err != nil || string(got) != want {
		return fmt.Errorf("get returned %d bytes %q and %v, want %d bytes %q",
			len(got), abridge(string(got)), err, len(want), abridge(want))
	}
	if known, ok := m.current[k]; ok && known != v {
		return fmt.Errorf("get returned version %v, was %v with no write between", v, known)
	}
	m.current[k] = v
	m.seen = append(m.seen, v)
	return nil
}

// checkSwap swaps with the current version if one is known, or with any version ever seen, of this key or another: a
// store may give two keys the same version, so one that happens to be current is not held against it.
func (m *modelRun) checkSwap(k string, there bool) error {
	current, known := m.current[k]
	v := current
	if len(m.seen) > 0 && (!known || m.rnd.IntN(2) == 0) {
		v = m.seen[m.rnd.IntN(len(m.seen))]
	}
	if there && !known {
		if err := m.checkGet(k); err != nil {
			return err
		}
		current = m.current[k]
	}
	value := m.value()
	err := m.store.Swap(m.ctx(), k, []byte(value), v, forever)
	switch {
	case !there:
		return expect("Swap", err, session.ErrNotFound)
	case v != current:
		return expect("Swap", err, session.ErrStale)
	default:
		m.write(k, value)
		return expect("Swap", err, nil)
	}
}

func (m *modelRun) write(k, value string) {
	m.want[k] = value
	delete(m.current, k)
}

func (m *modelRun) value() string {
	b := make([]byte, m.rnd.IntN(300))
	for i := range b {
		b[i] = byte(m.rnd.Uint32())
	}
	return string(b)
}

func expect(call string, err, want error) error {
	if !errors.Is(err, want) {
		return fmt.Errorf("%s: %v, want %v", call, err, want)
	}
	return nil
}
