package session

import (
	"context"
	"errors"
	"time"
)

// A Store keeps opaque records under opaque keys for a limited time. It is the only thing that a Manager asks of the
// outside world, and five calls are all that it has to answer. Package storetest checks an implementation.
//
// Keys are printable ASCII without spaces, at most 250 bytes. A ttl is positive, and one that is not (a clock moved) is
// taken for the shortest; a store whose clock is coarser rounds up, so that a record is never gone before its ttl. Each
// call keeps to its context's deadline. A Store does not keep the slices that it is given, and is safe for concurrent
// use.
//
// The errors named here are returned as they are or wrapped. Any other error means that the call failed: for Get, Touch
// and Delete that is all there is to know; for Add and Swap it leaves open whether the record was written, unless the
// error wraps ErrUnavailable, by which a store promises that nothing was written (the connection was refused, the
// node is known to be down), or ErrTooLarge, by which it refuses the value for its size.
//
// Three methods more are called where a Store has them. Reset() drops its connections: a reply was another request's.
// GetPair(ctx, first, second) (a, b Got, ok bool) is Get of two keys at the same time, where that costs less than two
// Gets; ok is false where it does not. A session that has an owner is read with the list that it has to be on.
// Nodes(ctx) []Node tells package inspect how the store does.
type Store interface {
	// Get returns the value under key and the version that a later Swap names. ErrNotFound if there is none.
	// The value is the caller's, who decrypts it in place.
	Get(ctx context.Context, key string) (value []byte, v Version, err error)

	// Add stores a value under a key that has none. ErrExists if it has one.
	Add(ctx context.Context, key string, value []byte, ttl time.Duration) error

	// Swap replaces the value that Get returned with v. ErrStale if the value has been written since, ErrNotFound if
	// it is gone. It leaves the caller without a version: only Get gives one.
	Swap(ctx context.Context, key string, value []byte, v Version, ttl time.Duration) error

	// Touch sets the time that a record has left and keeps its version. ErrNotFound if there is none.
	Touch(ctx context.Context, key string, ttl time.Duration) error

	// Delete removes a record. A missing one is no error.
	Delete(ctx context.Context, key string) error
}

// A Version names one write of one record: opaque to all but the store that gave it. The zero Version names none.
type Version [2]uint64

// The errors of a Store that was reached. A Manager's callers never see these.
var (
	ErrNotFound = errors.New("session: no such record")
	ErrExists   = errors.New("session: record exists already")
	ErrStale    = errors.New("session: record has been written since it was read")
)
