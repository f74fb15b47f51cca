// Package redis declares a store.
package redis

import "github.com/gin-contrib/sessions"

type Store interface{ sessions.Store }

func NewStore(keys ...[]byte) Store { return nil }
