// Package bytes has slices of bytes, which are one value and no lists.
package bytes

// A Blob is bytes under a name.
type Blob []byte

// An Octet is a byte under a name: a slice of them is a list.
type Octet byte

//sessiongen:schema
type SessionSchema struct {
	Raw    []byte
	Blob   Blob
	Uint8s []uint8
	Octets []Octet
	Chunks [][]byte
	Blobs  map[string]Blob
	Ptr    *[]byte
	In     struct{ Raw, More Blob }
}
