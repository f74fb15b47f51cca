// Package ttl has fields that read as absent after a while, in each unit.
package ttl

//sessiongen:schema
type SessionSchema struct {
	Day   string            `session:"day,ttl=24h"`
	Half  int               `session:"half,ttl=1h30m"`
	Min   []string          `session:"min,ttl=1m"`
	Sec   map[string]string `session:"sec,ttl=45s"`
	Milli bool              `session:"milli,ttl=1500ms"`
	Micro float64           `session:"micro,ttl=60000001us"`
	Nano  *int              `session:"nano,ttl=60000000001ns"`
	Count int               `session:"count,counter,ttl=15m"`
}
