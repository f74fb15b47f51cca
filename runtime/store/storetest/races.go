package storetest

import (
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/sessiongen/sessiongen/runtime/session"
)

const contenders = 16

// together runs n copies of f at the same time and returns their errors.
func together(n int, f func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// winner returns the index of the one nil among errs; all others must be want.
func (f *fixture) winner(errs []error, want error) int {
	f.Helper()
	won := -1
	for i, err := range errs {
		switch {
		case err == nil && won >= 0:
			f.Fatalf("both contender %d and contender %d won", won, i)
		case err == nil:
			won = i
		case !errors.Is(err, want):
			f.Fatalf("contender %d: %v, want %v", i, err, want)
		}
	}
	if won < 0 {
		f.Fatal("nobody won")
	}
	return won
}

// races tests what several callers at once may see.
func races() []test {
	return []test{
		{"of concurrent Swaps with one version exactly one wins", func(f *fixture) {
			for range 20 {
				k := f.key()
				f.add(k, "start", forever)
				_, v := f.get(k)
				errs := together(contenders, func(i int) error {
					return f.store.Swap(f.ctx(), k, []byte(strconv.Itoa(i)), v, forever)
				})
				f.wantValue(k, strconv.Itoa(f.winner(errs, session.ErrStale)))
			}
		}},
		{"of concurrent Adds exactly one wins", func(f *fixture) {
			for range 20 {
				k := f.key()
				errs := together(contenders, func(i int) error {
					return f.store.Add(f.ctx(), k, []byte(strconv.Itoa(i)), forever)
				})
				f.wantValue(k, strconv.Itoa(f.winner(errs, session.ErrExists)))
			}
		}},
		{"no Swap, Touch or refused Add brings back a record that is being deleted", func(f *fixture) {
			for range 20 {
				k := f.key()
				f.add(k, "one", forever)
				_, v := f.get(k)
				errs := together(contenders, func(i int) error {
					switch i % 4 {
					case 0:
						return f.store.Delete(f.ctx(), k)
					case 1:
						return f.store.Touch(f.ctx(), k, forever)
					default:
						return f.store.Swap(f.ctx(), k, []byte("two"), v, forever)
					}
				})
				for i, err := range errs {
					if err != nil && !isAnswer(err) {
						f.Errorf("contender %d: %v", i, err)
					}
				}
				f.wantNone(k)
			}
		}},
		{"a counter raised by Get and Swap loses nothing, with Touches between", func(f *fixture) {
			const rounds = 20
			k := f.key()
			f.add(k, "0", forever)
			errs := together(contenders, func(int) error {
				for range rounds {
					if err := f.store.Touch(f.ctx(), k, forever); err != nil {
						return fmt.Errorf("touch: %w", err)
					}
					if err := f.raise(k); err != nil {
						return err
					}
				}
				return nil
			})
			for i, err := range errs {
				if err != nil {
					f.Fatalf("contender %d: %v", i, err)
				}
			}
			f.wantValue(k, strconv.Itoa(contenders*rounds))
		}},
		{"records of concurrent callers are not mixed up", func(f *fixture) {
			errs := together(contenders, func(int) error {
				for range 50 {
					k := f.key()
					if err := f.store.Add(f.ctx(), k, []byte(k), forever); err != nil {
						return fmt.Errorf("add: %w", err)
					}
					got, _, err := f.store.Get(f.ctx(), k)
					if err != nil {
						return fmt.Errorf("get: %w", err)
					}
					if string(got) != k {
						return fmt.Errorf("another record's value, %d bytes", len(got))
					}
				}
				return nil
			})
			for i, err := range errs {
				if err != nil {
					f.Errorf("caller %d: %v", i, err)
				}
			}
		}},
	}
}

// raise adds one to the decimal number under key, however often it must try.
func (f *fixture) raise(key string) error {
	for {
		value, v, err := f.store.Get(f.ctx(), key)
		if err != nil {
			return fmt.Errorf("get: %w", err)
		}
		n, err := strconv.Atoi(string(value))
		if err != nil {
			return err
		}
		err = f.store.Swap(f.ctx(), key, []byte(strconv.Itoa(n+1)), v, forever)
		if !errors.Is(err, session.ErrStale) {
			return err
		}
	}
}
