// Package cookie declares a store.
package cookie

import "github.com/gin-contrib/sessions"

type Store interface{ sessions.Store }

func NewStore(keys ...[]byte) Store { return nil }
