package session

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// A trapStore panics over one key.
type trapStore struct{ Store }

func (trapStore) Get(_ context.Context, key string) ([]byte, Version, error) {
	if key == "trap" {
		panic("in the store")
	}
	return nil, Version{}, ErrNotFound
}

// Above a goroutine of this package there is no server that recovers: a panic there would end the process.
func TestAPanicInAGoroutineComesOutInTheCallersOne(t *testing.T) {
	e := &engine{store: trapStore{}}
	for name, call := range map[string]func(){
		"each":    func() { each(2, func(i int) { _, _, _ = e.store.Get(t.Context(), []string{"", "trap"}[i]) }) },
		"getPair": func() { e.getPair(t.Context(), "", "trap") },
	} {
		func() {
			defer func() {
				said := fmt.Sprint(recover())
				if !strings.HasPrefix(said, "in the store") || !strings.Contains(said, "trapStore.Get") {
					t.Errorf("%s panicked with %s", name, said)
				}
			}()
			call()
		}()
	}
}
