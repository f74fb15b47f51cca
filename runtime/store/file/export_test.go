package file

import (
	"time"

	bolt "go.etcd.io/bbolt"
)

// Env is what a test replaces of a store's surroundings; a nil field is left as it is.
type Env struct {
	Now    func() time.Time
	Commit func(*bolt.Tx) error
	Tick   time.Duration
}

func OpenWithEnv(path string, o Options, e Env) (*Store, error) {
	env := environment{now: time.Now, commit: (*bolt.Tx).Commit, tick: time.Hour} // a test says itself when it is time
	if e.Now != nil {
		env.now = e.Now
	}
	if e.Commit != nil {
		env.commit = e.Commit
	}
	if e.Tick > 0 {
		env.tick = e.Tick
	}
	return open(path, o, env)
}

// Len is the number of records in the file.
func (s *Store) Len() int { return s.opened.Load().index.len() }

// Queued is the number of writes that wait for the commit under way.
func (s *Store) Queued() int { return len(s.queue) }

// WithoutSync commits without waiting for the disk.
func WithoutSync(tx *bolt.Tx) error {
	tx.DB().NoSync = true
	return tx.Commit()
}
