// Package scalars has a field of each basic type.
package scalars

//sessiongen:schema
type SessionSchema struct {
	B   bool
	I   int
	I8  int8
	I16 int16
	I32 int32
	I64 int64
	U   uint
	U8  uint8
	U16 uint16
	U32 uint32
	U64 uint64
	F32 float32
	F64 float64
	S   string
	By  byte
	R   rune
}
