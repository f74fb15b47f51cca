// Package textkeys has maps by keys that marshal themselves as text.
package textkeys

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"time"
)

// A UUID has a binary form too, which its values are stored in elsewhere.
type UUID [16]byte

func (u UUID) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, u[:]), nil }

// UnmarshalText is on the pointer, as it has to be.
func (u *UUID) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil {
		return err
	}
	return u.UnmarshalBinary(b)
}

func (u UUID) MarshalBinary() ([]byte, error) { return u[:], nil }

func (u *UUID) UnmarshalBinary(b []byte) error {
	if len(b) != len(u) {
		return fmt.Errorf("%d bytes", len(b))
	}
	copy(u[:], b)
	return nil
}

// A Pair has both methods on the pointer.
type Pair struct{ a, b byte }

func (p *Pair) MarshalText() ([]byte, error) { return []byte{p.a, p.b}, nil }

func (p *Pair) UnmarshalText(b []byte) error {
	if len(b) != 2 {
		return fmt.Errorf("%d bytes", len(b))
	}
	p.a, p.b = b[0], b[1]
	return nil
}

// An Item is a value.
type Item struct{ Qty int }

//sessiongen:schema
type SessionSchema struct {
	Stock  map[UUID]Item
	Seen   map[netip.Addr]time.Time
	Days   map[time.Time][]string
	Pairs  map[Pair]map[Pair]*Item
	Owner  UUID
	Nested []map[UUID]string `session:"nested,max=10"`
}
