package known

import "go/types"

// A Change says how a function changes its first argument.
type Change int

const (
	ChangesNothing  Change = iota
	ChangesArgument        // sort.Slice
	ReturnsChanged         // append
)

var changes = map[string]Change{
	"sort.Slice": ChangesArgument, "sort.SliceStable": ChangesArgument,
	"sort.Strings": ChangesArgument, "sort.Ints": ChangesArgument, "sort.Float64s": ChangesArgument,
	"slices.Sort": ChangesArgument, "slices.SortFunc": ChangesArgument, "slices.SortStableFunc": ChangesArgument,
	"slices.Reverse": ChangesArgument, "maps.Copy": ChangesArgument, "maps.DeleteFunc": ChangesArgument,

	"slices.Insert": ReturnsChanged, "slices.Delete": ReturnsChanged, "slices.DeleteFunc": ReturnsChanged,
	"slices.Replace": ReturnsChanged, "slices.Compact": ReturnsChanged, "slices.CompactFunc": ReturnsChanged,
}

var builtinChanges = map[string]Change{
	"delete": ChangesArgument, "clear": ChangesArgument, "copy": ChangesArgument, "append": ReturnsChanged,
}

// ChangeOf returns how a function changes its first argument.
func ChangeOf(fn types.Object) Change {
	switch fn := fn.(type) {
	case *types.Builtin:
		return builtinChanges[fn.Name()]
	case *types.Func:
		return changes[Name(fn)]
	}
	return ChangesNothing
}

// readers are packages whose functions only read their arguments.
var readers = setOf("fmt", "log", "log/slog", "errors", "encoding/json")

// OnlyReads reports whether a function only reads its arguments.
func OnlyReads(fn *types.Func) bool { return fn.Pkg() != nil && readers[fn.Pkg().Path()] }
