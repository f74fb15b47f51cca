// Package counter has integers that concurrent requests add to.
package counter

// A Score is a number under a name.
type Score int32

//sessiongen:schema
type SessionSchema struct {
	I     int    `session:"i,counter"`
	I8    int8   `session:"i8,counter"`
	I64   int64  `session:"i64,counter"`
	U     uint   `session:"u,counter"`
	U16   uint16 `session:"u16,counter"`
	Score Score  `session:"score,counter"`
	Tries int    `session:"tries,counter,ttl=10m"`
}
