package memcached

import (
	"bytes"

	"github.com/bradfitz/gomemcache/memcache"
)

type verb string

// The verbs, as error texts name them.
const (
	verbGet    verb = "get"
	verbAdd    verb = "add"
	verbSwap   verb = "swap"
	verbTouch  verb = "touch"
	verbDelete verb = "delete"
	verbPing   verb = "ping"
)

// request is one call to gomemcache, as data, so that it needs no closure.
type request struct {
	verb    verb
	key     string // get, touch, delete
	exptime int32  // touch
	item    *memcache.Item
}

func (r request) send(c *memcache.Client) (*memcache.Item, error) {
	switch r.verb {
	case verbGet:
		return c.Get(r.key)
	case verbAdd:
		return nil, c.Add(r.item)
	case verbSwap:
		return nil, c.CompareAndSwap(r.item)
	case verbTouch:
		return nil, c.Touch(r.key, r.exptime)
	case verbDelete:
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
