// Package oddpaths has types of packages whose path does not end in their name.
package oddpaths

import (
	"github.com/sessiongen/sessiongen/testdata/golden/dep/go-money/v2"
	even "github.com/sessiongen/sessiongen/testdata/golden/dep/odd"
)

//sessiongen:schema
type SessionSchema struct {
	Price  money.Amount
	Prices []money.Amount
	Pair   even.Pair
}
