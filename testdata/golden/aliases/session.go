// Package aliases has fields that are written with aliases.
package aliases

import (
	"time"

	"github.com/sessiongen/sessiongen/testdata/golden/dep/item"
)

// The aliases.
type (
	Text       = string
	Moment     = time.Time
	Wait       = time.Duration
	Item       = item.Item
	Items      = []Item
	Table      = map[Text]Item
	Box[T any] = item.Box[T]
	Real       = Own
	Raw        = []byte
)

// Own is what an alias stands for.
type Own struct{ N Text }

//sessiongen:schema
type SessionSchema struct {
	Text   Text
	Moment Moment
	Wait   Wait
	Item   Item
	Items  Items
	Table  Table
	Box    Box[Text]
	Real   Real
	Own    Own
	Raw    Raw
	Any    interface{} `session:"any,json"`
}
