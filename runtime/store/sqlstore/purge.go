package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"slices"
	"time"
)

// Purge deletes the records that have expired. They are gone for every call without it; it gives their room back.
// Call it every few minutes, in one process or in each: see the package's example.
//
// It asks for keys without a lock and deletes them by primary key, some hundred with a statement of its own, so
// that it never waits for a visitor's request nor one for it longer than that takes. A record that was added anew
// meanwhile stays. It goes on until nothing is left or its context ends; each statement keeps to Options.Timeout.
func (s *Store) Purge(ctx context.Context) error {
	var from int64
	for {
		keys, last, err := s.expired(ctx, from)
		if err != nil || len(keys) == 0 {
			return err
		}
		from = last
		start := time.Now()
		if err := s.deleteExpired(ctx, keys); err != nil || len(keys) < batch {
			return err
		}
		// Half of the time is for others: SQLite has one lock for all writers, and they poll for it.
		pause(ctx, time.Since(start))
	}
}

// expired returns keys of records that have expired, those first that did so first, from a time on, and the time of
// the last.
func (s *Store) expired(ctx context.Context, from int64) (keys [][]byte, last int64, err error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	err = s.run(ctx, verbPurge, func(ctx context.Context, conn *sql.Conn) error {
		keys = keys[:0]
		rows, err := conn.QueryContext(ctx, s.sql.expired, from)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key []byte
			if err := rows.Scan(&key, &last); err != nil {
				return err
			}
			keys = append(keys, key)
		}
		return rows.Err()
	})
	return keys, last, err
}

// deleteExpired deletes at most a batch of records.
func (s *Store) deleteExpired(ctx context.Context, keys [][]byte) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	// In order, so that two processes that purge at the same time wait for each other and do not deadlock. Where there
	// are fewer keys the last one is repeated, so that there is one statement to prepare.
	slices.SortFunc(keys, bytes.Compare)
	args := make([]any, batch)
	for i := range args {
		args[i] = keys[min(i, len(keys)-1)]
	}
	_, err := s.exec(ctx, verbPurge, s.sql.purge, args...)
	return err
}
