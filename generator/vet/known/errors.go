package known

import "go/types"

// MakesError reports whether a function returns an error that is never nil.
func MakesError(fn *types.Func) bool {
	name := Name(fn)
	return name == "errors.New" || name == "fmt.Errorf"
}

// IsEOF reports whether an object is io.EOF, which is no failure.
func IsEOF(obj types.Object) bool {
	return obj != nil && obj.Pkg() != nil && obj.Pkg().Path() == "io" && obj.Name() == "EOF"
}
