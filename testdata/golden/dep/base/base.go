// Package base has structs to be embedded elsewhere.
package base

import "time"

// A Model is what every record has.
type Model struct {
	stamps
	ID int64
}

type stamps struct {
	Created time.Time
	Updated time.Time
}

// A Trace is what a request leaves behind.
type Trace struct {
	Hops []string
	Host string
}
