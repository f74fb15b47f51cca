// Package binary has types with the methods of encoding.BinaryMarshaler.
package binary

import (
	"errors"
	"net/url"
)

// A Coord marshals itself by value.
type Coord struct{ x, y byte }

// MarshalBinary fails for the origin.
func (c Coord) MarshalBinary() ([]byte, error) {
	if c == (Coord{}) {
		return nil, errors.New("no origin")
	}
	return []byte{c.x, c.y}, nil
}

// UnmarshalBinary wants two bytes.
func (c *Coord) UnmarshalBinary(b []byte) error {
	if len(b) != 2 {
		return errors.New("two bytes, please")
	}
	c.x, c.y = b[0], b[1]
	return nil
}

// At makes a Coord.
func At(x, y byte) Coord { return Coord{x, y} }

// A Keeper marshals itself by pointer, and keeps the bytes that it is given.
type Keeper struct{ b []byte }

// MarshalBinary returns the bytes.
func (k *Keeper) MarshalBinary() ([]byte, error) { return k.b, nil }

// UnmarshalBinary keeps the bytes.
func (k *Keeper) UnmarshalBinary(b []byte) error { k.b = b; return nil }

// Bytes returns what is kept.
func (k Keeper) Bytes() []byte { return k.b }

//sessiongen:schema
type SessionSchema struct {
	Coord  Coord
	Keeper Keeper
	URL    url.URL
	Back   *url.URL
	Coords []Coord
	ByName map[string]Keeper
	In     struct {
		Coord Coord
		Pair  [2]Keeper
	}
}
