// Package text has types with the methods of encoding.TextMarshaler.
package text

import (
	"fmt"
	"math/big"
	"net"
	"net/netip"
)

// A Colour is a number that is stored by its name.
type Colour int

// The colours.
const (
	Red Colour = iota
	Green
)

// MarshalText fails for colours without a name.
func (c Colour) MarshalText() ([]byte, error) {
	if c != Red && c != Green {
		return nil, fmt.Errorf("no colour %d", int(c))
	}
	return []byte([]string{"red", "green"}[c]), nil
}

// UnmarshalText knows the names.
func (c *Colour) UnmarshalText(b []byte) error {
	switch string(b) {
	case "red":
		*c = Red
	case "green":
		*c = Green
	default:
		return fmt.Errorf("no colour %q", b)
	}
	return nil
}

//sessiongen:schema
type SessionSchema struct {
	Colour  Colour
	Addr    netip.Addr
	IP      net.IP
	Sum     big.Int
	Total   *big.Int
	Colours []Colour
	ByAddr  map[string]netip.Prefix
	In      struct {
		Colour Colour
		Sums   [2]big.Int
	}
}
