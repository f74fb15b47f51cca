package memcached

import (
	"bytes"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// request is one call to gomemcache, as data, so that it needs no closure.
type request struct {
	verb    failure.Verb
	key     string // get, touch, delete
	exptime int32  // touch
	item    *memcache.Item
}

func (r request) send(c *memcache.Client) (*memcache.Item, error) {
	switch r.verb {
	case failure.Get:
		return c.Get(r.key)
	case failure.Add:
		return nil, c.Add(r.item)
	case failure.Swap:
		return nil, c.CompareAndSwap(r.item)
	case failure.Touch:
		return nil, c.Touch(r.key, r.exptime)
	case failure.Delete:
		return nil, c.Delete(r.key)
	default:
		return nil, c.Ping()
	}
}

// detached returns the request with a value of its own: it may be sent after the caller has gone on.
func (r request) detached() request {
	if r.item != nil {
		item := *r.item
		item.Value = bytes.Clone(item.Value)
		r.item = &item
	}
	return r
}
