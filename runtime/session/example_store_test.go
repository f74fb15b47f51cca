package session_test

import (
	"context"
	"log"
	"os"
	"sync"
	"time"

	web "github.com/sessiongen/sessiongen/internal/fixture"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// A mapStore keeps sessions in a map: the least that a store has to do. Its own tests would call storetest.Run.
type mapStore struct {
	mu      sync.Mutex
	records map[string]mapRecord
	writes  uint64
}

type mapRecord struct {
	value   []byte
	version session.Version
	ends    time.Time
}

// live returns the record under key, if it has not ended. It expects the lock.
func (m *mapStore) live(key string) (mapRecord, bool) {
	r, ok := m.records[key]
	if ok && !time.Now().Before(r.ends) {
		delete(m.records, key)
		return mapRecord{}, false
	}
	return r, ok
}

// put gives each write a version of its own. A store does not keep the slices that it is given.
func (m *mapStore) put(key string, value []byte, ttl time.Duration) {
	m.writes++
	m.records[key] = mapRecord{append([]byte(nil), value...), session.Version{m.writes}, time.Now().Add(ttl)}
}

func (m *mapStore) Get(_ context.Context, key string) ([]byte, session.Version, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.live(key)
	if !ok {
		return nil, session.Version{}, session.ErrNotFound
	}
	return append([]byte(nil), r.value...), r.version, nil // the value is the caller's, who opens it in place
}

func (m *mapStore) Add(_ context.Context, key string, value []byte, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.live(key); ok {
		return session.ErrExists
	}
	m.put(key, value, ttl)
	return nil
}

func (m *mapStore) Swap(_ context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch r, ok := m.live(key); {
	case !ok:
		return session.ErrNotFound
	case r.version != v:
		return session.ErrStale
	}
	m.put(key, value, ttl)
	return nil
}

func (m *mapStore) Touch(_ context.Context, key string, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.live(key)
	if !ok {
		return session.ErrNotFound
	}
	r.ends = time.Now().Add(ttl) // and keeps the version
	m.records[key] = r
	return nil
}

func (m *mapStore) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.records, key)
	return nil
}

// A store of one's own: five methods.
func ExampleStore() {
	store := &mapStore{records: make(map[string]mapRecord)}
	secret, err := session.Secret(os.Getenv("SESSION_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	sessions, err := web.NewSessions(store, session.Config{Secrets: [][]byte{secret}})
	if err != nil {
		log.Fatal(err)
	}
	_ = sessions
}
