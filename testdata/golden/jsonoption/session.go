// Package jsonoption has fields that are stored through encoding/json.
package jsonoption

import "encoding/json"

// A Tree contains itself, which only encoding/json can store.
type Tree struct {
	Name string  `json:"name"`
	Kids []*Tree `json:"kids,omitempty"`
}

// A Shape is marshalled by the method of its pointer.
type Shape struct{ sides int }

// MarshalJSON writes the number.
func (s *Shape) MarshalJSON() ([]byte, error) { return json.Marshal(s.sides) }

// UnmarshalJSON reads the number.
func (s *Shape) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &s.sides) }

//sessiongen:schema
type SessionSchema struct {
	Bag    map[string]any `session:"bag,json"`
	Any    any            `session:"any,json"`
	List   []string       `session:"list,json"`
	Tree   Tree           `session:"tree,json"`
	Shape  Shape          `session:"shape,json"`
	Number int            `session:"number,json"`
	Plain  []string
	Ptr    *Tree          `session:"ptr,json"`
	Once   map[string]any `session:"once,json,flash"`
}
