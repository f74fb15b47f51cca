// Package imported has types of other packages.
package imported

import (
	"net/http"
	"time"

	"github.com/sessiongen/sessiongen/testdata/golden/dep/item"
)

//sessiongen:schema
type SessionSchema struct {
	Item   item.Item
	Items  []item.Item
	ByName map[string]*item.Item
	Same   http.SameSite
	Header http.Header
	Day    time.Weekday
}
