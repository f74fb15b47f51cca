// Package times has the types of package time, and types that are declared of them.
package times

import (
	"time"
)

// A Stamp is a time under a name, and so without its methods.
type Stamp time.Time

// A Delay is a duration under a name.
type Delay time.Duration

//sessiongen:schema
type SessionSchema struct {
	At     time.Time
	For    time.Duration
	Stamp  Stamp
	Delay  Delay
	Ats    []time.Time
	Stamps []Stamp
	Fors   map[string]time.Duration
	Until  *time.Time
	Month  time.Month
	Range  struct{ From, To time.Time }
	ByWait map[time.Duration]string
}
