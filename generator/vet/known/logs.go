package known

import (
	"go/types"
	"strings"
)

// loggers are packages whose functions and methods all lead to a log, or to nothing that a secret belongs in.
var loggers = []string{
	"log", "log/slog",
	"go.uber.org/zap", "github.com/sirupsen/logrus", "github.com/rs/zerolog", "github.com/hashicorp/go-hclog",
	"github.com/go-kit/log", "github.com/go-logr/logr", "github.com/golang/glog", "github.com/charmbracelet/log",
	"k8s.io/klog",
}

// Logs reports whether a function is one of a logger.
func Logs(fn *types.Func) bool {
	if fn.Pkg() == nil {
		return false
	}
	for _, path := range loggers {
		if p := fn.Pkg().Path(); p == path || strings.HasPrefix(p, path+"/") {
			return true
		}
	}
	return false
}

// A Sink is where the arguments of a function end up to be read.
type Sink string

const (
	NoSink    Sink = ""
	Terminal  Sink = "the terminal"
	Writer    Sink = "a writer" // its first argument, which is none of those to be read
	ErrorText Sink = "an error text"
	Panic     Sink = "a panic"
	Log       Sink = "a log"
)

var sinks = map[string]Sink{
	"fmt.Print": Terminal, "fmt.Printf": Terminal, "fmt.Println": Terminal,
	"fmt.Fprint": Writer, "fmt.Fprintf": Writer, "fmt.Fprintln": Writer,
	"fmt.Errorf": ErrorText, "errors.New": ErrorText, "net/http.Error": ErrorText,
}

var builtinSinks = map[string]Sink{"panic": Panic, "print": Terminal, "println": Terminal}

// SinkOf returns where the arguments of a function end up.
func SinkOf(fn types.Object) Sink {
	switch fn := fn.(type) {
	case *types.Builtin:
		return builtinSinks[fn.Name()]
	case *types.Func:
		if s := sinks[Name(fn)]; s != NoSink {
			return s
		}
		if Logs(fn) {
			return Log
		}
	}
	return NoSink
}

// IsTerminal reports whether an object is os.Stdout or os.Stderr.
func IsTerminal(obj types.Object) bool {
	return obj != nil && obj.Pkg() != nil && obj.Pkg().Path() == "os" &&
		(obj.Name() == "Stdout" || obj.Name() == "Stderr")
}

var passesOn = setOf(
	"fmt.Sprint", "fmt.Sprintf", "fmt.Sprintln", "fmt.Append", "fmt.Appendf", "fmt.Appendln",
	"strings.ToUpper", "strings.ToLower", "strings.TrimSpace", "strings.Join", "strings.Clone",
	"strconv.Quote", "encoding/json.Marshal", "encoding/json.MarshalIndent",
	"net/url.QueryEscape", "net/url.PathEscape", "encoding/hex.EncodeToString",
	"(*encoding/base64.Encoding).EncodeToString",
)

// PassesOn reports whether the arguments of a function show in its result.
func PassesOn(fn *types.Func) bool { return passesOn[Name(fn)] }

// PrintsItself reports whether a value of the type decides how it is printed: that a secret is made one is meant to
// hide it.
func PrintsItself(t types.Type) bool {
	for _, name := range []string{"LogValue", "String", "GoString", "Format", "MarshalText", "MarshalJSON"} {
		if hasMethod(t, name, false) {
			return true
		}
	}
	return false
}

// HidesInLogs reports whether the type of a secret field hides the secret. A String method does not say so: that of a
// UUID prints all of it.
func HidesInLogs(t types.Type) bool { return hasMethod(t, "LogValue", false) }
