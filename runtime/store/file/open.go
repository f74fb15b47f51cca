package file

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// lockTimeout is how long Open waits for a process that has the file and is about to end.
const lockTimeout = 700 * time.Millisecond

// Open returns a store in the file at path, with the default options. The file is created if there is none, for its
// owner alone to read; its directory must exist. If a process has it open, the error is an *InUseError.
func Open(path string) (*Store, error) { return OpenWithOptions(path, Options{}) }

// OpenWithOptions returns a store in the file at path. See Open.
func OpenWithOptions(path string, o Options) (*Store, error) {
	return open(path, o, environment{now: time.Now, commit: (*bolt.Tx).Commit, tick: tidyEvery})
}

func open(path string, o Options, env environment) (*Store, error) {
	if o.MaxSessions <= 0 {
		o.MaxSessions = DefaultMaxSessions
	}
	given := path
	path, created, err := place(given)
	if err != nil {
		return nil, err
	}
	s := &Store{
		path:    path,
		max:     o.MaxSessions,
		env:     env,
		queue:   make(chan *write, maxBatch),
		closing: make(chan struct{}),
		ended:   make(chan struct{}),
	}
	db, _, err := openFile(path)
	if err != nil {
		if inUse := new(InUseError); errors.As(err, &inUse) {
			inUse.Path = given
		}
		return nil, err
	}
	index, err := load(db, path)
	if err == nil && created {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	s.writePID()
	s.opened.Store(&opened{db: db, index: index})
	go s.run()
	return s, nil
}

// place is where the file is: whatever the working directory will be, and by whatever link it is named, so that all who
// open it know one name for the number beside it. It creates the file if there is none.
func place(path string) (at string, created bool, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		created = true
		err = create(path)
	}
	if err == nil && !created && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err == nil {
		at, err = filepath.EvalSymlinks(path)
	}
	if err == nil {
		at, err = filepath.Abs(at)
	}
	if err != nil {
		return "", false, fmt.Errorf("file: %w", err)
	}
	return at, created, nil
}

func create(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// openFile opens the database and locks it.
//
// The list of free pages is not kept in the file: every commit would write it whole, which for a file of some hundred
// MB takes longer than all the rest. bbolt finds them by looking at every page, in a goroutine of its own, where a
// damaged one ends the program; so they are looked at here before, where most damage is an error.
func openFile(path string) (db *bolt.DB, f *os.File, err error) {
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		db, _, err := openBolt(path, true)
		if err != nil {
			return nil, nil, err
		}
		_, err = load(db, path)
		if err := errors.Join(err, db.Close()); err != nil {
			return nil, nil, err
		}
	}
	return openBolt(path, false)
}

func openBolt(path string, readOnly bool) (db *bolt.DB, f *os.File, err error) {
	err = sound(func() (err error) {
		db, err = bolt.Open(path, 0o600, &bolt.Options{
			ReadOnly:       readOnly,
			Timeout:        lockTimeout,
			NoFreelistSync: true,
			FreelistType:   bolt.FreelistMapType,
			NoStatistics:   true,
			OpenFile: func(name string, flag int, perm os.FileMode) (_ *os.File, err error) {
				f, err = os.OpenFile(name, flag, perm)
				return f, err
			},
		})
		return err
	})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, nil, &InUseError{Path: path, PID: readPID(path)}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("file: open %s: %w", path, err)
	}
	return db, f, nil
}

// load returns the index of the records in the file. A new file gets its bucket, if it may be written.
func load(db *bolt.DB, path string) (*index, error) {
	type known struct {
		id        id
		end, used int64
		anonymous bool
	}
	var records []known
	empty := false
	err := sound(func() error {
		return db.View(func(tx *bolt.Tx) error {
			c := tx.Cursor()
			if first, _ := c.First(); first == nil {
				empty = true
				return nil
			} else if second, _ := c.Next(); second != nil || !bytes.Equal(first, bucketName) {
				return errForeign
			}
			return tx.Bucket(bucketName).ForEach(func(k, record []byte) error {
				h, ok := readHead(record)
				if !ok || len(k) != len(id{}) { // a bucket within the bucket is neither
					return &damagedError{"a record is none"}
				}
				records = append(records, known{id(k), h.end, h.used, h.anonymous})
				return nil
			})
		})
	})
	if err == nil && empty && !db.IsReadOnly() {
		err = db.Update(func(tx *bolt.Tx) error {
			_, err := tx.CreateBucket(bucketName)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("file: open %s: %w", path, err)
	}
	slices.SortFunc(records, func(a, b known) int { return cmp.Compare(a.used, b.used) })
	x := newIndex()
	for _, r := range records {
		x.written(r.id, r.end, r.anonymous)
	}
	return x, nil
}

// failed returns the error for the writes of a transaction that failed, and gets the file into order again. After most
// faults, a full disk among them, there is nothing to be done: nobody refers to the pages that the transaction had
// written, and bbolt has rolled it back. Two leave bbolt in a state in which it must not go on, and the file is
// opened anew: growing, it has lost its mapping; or it has written the page by which the transaction counts, and does
// not know whether the disk has it.
//
// After a panic over a damaged page bbolt may hold its own locks for ever: it is not asked for anything any more, and
// the store is out of service, and the file locked, until the program ends.
func (s *Store) failed(o *opened, number int, cause error) error {
	s.failing.Store(true)
	var damaged *damagedError
	if errors.As(cause, &damaged) {
		s.opened.Store(&opened{err: cause, final: true})
		return &unknownError{cause}
	}
	if last, err := lastCommit(o.db); err == nil && last < number {
		return cause
	}
	s.opened.Store(&opened{err: cause})
	_ = o.db.Close()
	s.reopen()
	if number == 0 {
		return cause // it had not even begun
	}
	if o := s.opened.Load(); o.err == nil {
		if last, err := lastCommit(o.db); err == nil && last < number {
			return cause
		}
	}
	return &unknownError{cause}
}

// lastCommit returns the number of the last transaction that counts.
func lastCommit(db *bolt.DB) (number int, err error) {
	err = sound(func() error {
		return db.View(func(tx *bolt.Tx) error {
			number = tx.ID()
			return nil
		})
	})
	return number, err
}

// reopen opens the file anew. Should another process have taken it meanwhile, this one is unavailable as long as that
// has it.
func (s *Store) reopen() {
	db, f, err := openFile(s.path)
	if err == nil {
		var x *index
		if err = settle(f, db.Info().PageSize); err == nil {
			x, err = load(db, s.path)
		}
		if err == nil {
			s.writePID()
			s.opened.Store(&opened{db: db, index: x})
			return
		}
		_ = db.Close()
	}
	s.opened.Store(&opened{err: err})
}

// settle writes bbolt's two meta pages anew, and waits until the disk has them. After an fsync that failed, the disk
// may have older ones than the kernel shows, and nothing else would ever write these there: the
// next transactions would overwrite pages of the state that the disk still believes in.
func settle(f *os.File, pageSize int) error {
	pages := make([]byte, 2*pageSize)
	if _, err := f.ReadAt(pages, 0); err != nil {
		return err
	}
	if _, err := f.WriteAt(pages, 0); err != nil {
		return err
	}
	return f.Sync()
}

// syncDir makes a new file's name durable.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // which has no such call
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("file: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("file: sync %s: %w", dir, err)
	}
	return nil
}
