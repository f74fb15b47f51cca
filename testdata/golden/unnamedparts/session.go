// Package unnamedparts has types that are made of others to some depth.
package unnamedparts

import "time"

//sessiongen:schema
type SessionSchema struct {
	A map[string][]map[int]*[]string
	B [][][]byte
	C map[string]struct{ At []time.Time }
	D [2]map[string][2]*bool
	E *[]*map[string]*struct{ N **int }
}
