package file

import (
	bolt "go.etcd.io/bbolt"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// A commit is one bbolt transaction: a batch of writes, and some of the removals and touches that are due.
type commit struct {
	tx      *bolt.Tx
	bucket  *bolt.Bucket
	index   *index
	now     int64
	places  uint64   // of the records that it has written: with the number of the transaction they make the versions
	grown   int      // by how many records
	changes []change // for the index, once it is on the disk
	dirty   bool
}

type change struct {
	id        id
	end       int64
	anonymous bool
	removed   bool
}

// commit writes a batch and answers its writes. Of the records that have to leave, and of the touches, it does as
// many as limit, and two for each write, so that they are always fewer than what comes. It says whether more are
// left.
func (s *Store) commit(batch []*write, limit int) (more bool) {
	limit += 2 * len(batch)
	o := s.opened.Load()
	answers := make([]error, len(batch))
	err := o.err
	if err == nil {
		more, err = s.try(o, batch, answers, limit)
	}
	for i, w := range batch {
		if err != nil {
			w.done <- err
		} else {
			w.done <- answers[i]
		}
	}
	return more && err == nil
}

func (s *Store) try(o *opened, batch []*write, answers []error, limit int) (more bool, err error) {
	var tx *bolt.Tx
	if err = sound(func() (err error) { tx, err = o.db.Begin(true); return err }); err != nil {
		return false, s.failed(o, 0, err)
	}
	number := tx.ID()
	c := &commit{tx: tx, index: o.index, now: s.env.now().UnixNano()}
	var touches []touched
	var ended, evicted []id
	var early uint64
	err = sound(func() error {
		c.bucket = tx.Bucket(bucketName)
		for i, w := range batch {
			if answers[i] = c.apply(w); answers[i] != nil && !isAnswer(answers[i]) {
				return answers[i]
			}
		}
		ended, evicted = o.index.victims(c.now, o.index.len()+c.grown-s.max, limit)
		for _, k := range ended {
			if _, err := c.remove(k); err != nil {
				return err
			}
		}
		for _, k := range evicted {
			removed, err := c.remove(k)
			if err != nil {
				return err
			}
			if removed {
				early++
			}
		}
		touches = o.index.takeTouched(limit)
		for _, t := range touches {
			if err := c.touch(t); err != nil {
				return err
			}
		}
		if !c.dirty {
			return nil
		}
		return s.env.commit(tx)
	})
	if err != nil || !c.dirty {
		_ = sound(tx.Rollback) // an error if Commit has done so
	}
	if err != nil {
		o.index.giveBack(touches)
		return false, s.failed(o, number, err)
	}
	if c.dirty {
		s.failing.Store(false)
	}
	for _, ch := range c.changes {
		if ch.removed {
			o.index.removed(ch.id)
		} else {
			o.index.written(ch.id, ch.end, ch.anonymous)
		}
	}
	s.evicted.Add(early)
	return len(ended)+len(evicted) >= limit || len(touches) >= limit, nil
}

// apply makes one write. Within the transaction it sees those before it.
func (c *commit) apply(w *write) error {
	if w.verb == failure.Ping {
		c.dirty = true
		return c.bucket.SetSequence(c.bucket.Sequence() + 1) // a page of the file, as any other write
	}
	old := c.bucket.Get(w.id[:])
	h, there := c.live(w.id, old)
	switch {
	case w.verb == failure.Delete:
		return c.delete(w.id, old)
	case w.verb == failure.Add && there:
		return session.ErrExists
	case w.verb == failure.Swap && !there:
		return session.ErrNotFound
	case w.verb == failure.Swap && h.version != w.version:
		return session.ErrStale
	}
	if old == nil {
		c.grown++
	}
	c.places++
	anonymous := w.anonymous
	if w.verb == failure.Swap {
		anonymous = h.anonymous
	}
	head{version: c.version(c.places), end: w.end, used: c.now, anonymous: anonymous}.write(w.record)
	c.dirty = true
	c.changes = append(c.changes, change{id: w.id, end: w.end, anonymous: anonymous})
	return c.bucket.Put(w.id[:], w.record)
}

// version names a write: no other one, before or after a restart, has the number of the transaction and the place in
// it.
func (c *commit) version(place uint64) session.Version {
	return session.Version{uint64(c.tx.ID()), place}
}

// own says whether a record was written by this transaction, which the index does not know of yet.
func (c *commit) own(h head) bool { return h.version[0] == uint64(c.tx.ID()) }

// live reads the head of a record and says whether it is there and has not ended.
func (c *commit) live(k id, record []byte) (head, bool) {
	h, ok := readHead(record)
	if !ok {
		return head{}, false
	}
	if !c.own(h) {
		if h.end, ok = c.index.end(k); !ok {
			return head{}, false
		}
	}
	return h, h.end > c.now
}

// remove deletes a record that has to leave, unless it has been written anew, or deleted, in this commit.
func (c *commit) remove(k id) (removed bool, err error) {
	record := c.bucket.Get(k[:])
	if h, ok := readHead(record); ok && c.own(h) {
		return false, nil
	}
	return record != nil, c.delete(k, record)
}

func (c *commit) delete(k id, record []byte) error {
	c.changes = append(c.changes, change{id: k, removed: true})
	if record == nil {
		return nil
	}
	c.grown--
	c.dirty = true
	return c.bucket.Delete(k[:])
}

// touch writes the end of a record, and leaves its version.
func (c *commit) touch(t touched) error {
	record := c.bucket.Get(t.id[:])
	h, ok := readHead(record)
	if !ok || c.own(h) {
		return nil
	}
	record = append([]byte(nil), record...)
	head{version: h.version, end: t.end, used: c.now, anonymous: h.anonymous}.write(record)
	c.dirty = true
	return c.bucket.Put(t.id[:], record)
}
