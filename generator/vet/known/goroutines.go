package known

import "go/types"

// signals are methods that tell somebody something, by their names alone.
var signals = setOf("Done", "Signal", "Broadcast", "Release", "Finish", "Cancel", "Stop", "Complete")

// Signals reports whether a method tells somebody something: by its name, or as the writing end of a pipe, whose reader
// waits for it.
func Signals(fn *types.Func) bool {
	recv := fn.Signature().Recv()
	return signals[fn.Name()] || recv != nil && isPipeWriter(recv.Type())
}

// IsGoContext reports whether a type is context.Context.
func IsGoContext(t types.Type) bool {
	pkg, name := named(t)
	return pkg == "context" && name == "Context"
}

// IsDone reports whether a function is the Done of a context.
func IsDone(fn *types.Func) bool { return Name(fn) == "(context.Context).Done" }

// HandsOver reports whether a value of the type is one by which goroutines wait for each other.
func HandsOver(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Chan, *types.Signature:
		return true
	}
	pkg, _ := named(t)
	return isPointer(t) && (pkg == "sync" || pkg == "golang.org/x/sync/errgroup") || isPipeWriter(t)
}

func isPipeWriter(t types.Type) bool {
	pkg, name := named(t)
	return pkg == "io" && name == "PipeWriter" && isPointer(t)
}

// RunsLater returns when a function runs its second argument, on its own: at the end of a timer or of a context. It
// is "" for other functions.
func RunsLater(fn *types.Func) string {
	switch Name(fn) {
	case "time.AfterFunc":
		return "the timer"
	case "context.AfterFunc":
		return "what runs at the end of the context"
	}
	return ""
}

// stores are the methods that keep their arguments.
var stores = setOf("(*sync.Map).Store", "(*sync/atomic.Value).Store", "(*sync/atomic.Pointer[T]).Store")

// Stores reports whether a method keeps its arguments in its receiver.
func Stores(fn *types.Func) bool { return stores[Name(fn)] }
