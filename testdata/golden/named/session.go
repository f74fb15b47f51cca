// Package named has types that are declared of basic ones, as fields and within others.
package named

// A Role is what somebody may do.
type Role string

// The numbers.
type (
	Flag    bool
	Count   int
	Level   int8
	Offset  int64
	Size    uint
	Port    uint16
	Ratio   float64
	Percent float32
)

//sessiongen:schema
type SessionSchema struct {
	Role    Role
	Flag    Flag
	Count   Count
	Level   Level
	Offset  Offset
	Size    Size
	Port    Port
	Ratio   Ratio
	Percent Percent

	Roles  []Role
	Ports  [2]Port
	ByRole map[Role]Count
	Maybe  *Flag
	In     struct {
		Role Role
		Size Size
	}
}
