package vet

import (
	"go/ast"
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

// sinkArgs returns the arguments of a call that end in a log, on the terminal or in an error text, and where.
func (x *secrets) sinkArgs(call *ast.CallExpr) (args []ast.Expr, where string) {
	switch fn := x.callee(call).(type) {
	case *types.Builtin:
		switch fn.Name() {
		case "panic":
			return call.Args, "a panic"
		case "print", "println":
			return call.Args, "the terminal"
		}
	case *types.Func:
		return x.sinkFunc(call, fn)
	}
	return nil, ""
}

func (x *secrets) sinkFunc(call *ast.CallExpr, fn *types.Func) ([]ast.Expr, string) {
	if fn.Pkg() == nil {
		return nil, ""
	}
	switch stdName(fn) {
	case "fmt.Print", "fmt.Printf", "fmt.Println":
		return call.Args, "the terminal"
	case "fmt.Fprint", "fmt.Fprintf", "fmt.Fprintln":
		if len(call.Args) > 0 && x.isTerminal(call.Args[0]) {
			return call.Args[1:], "the terminal"
		}
		return nil, ""
	case "fmt.Errorf", "errors.New":
		return call.Args, "an error text"
	case "net/http.Error":
		return call.Args, "an error text"
	}
	for _, path := range loggers {
		if p := fn.Pkg().Path(); p == path || strings.HasPrefix(p, path+"/") {
			return call.Args, "a log"
		}
	}
	var args []ast.Expr
	for _, i := range x.logged(fn) {
		ps := fn.Signature().Params().Len()
		switch {
		case fn.Signature().Variadic() && i == ps-1 && len(call.Args) >= ps:
			args = append(args, call.Args[i:]...)
		case i < len(call.Args):
			args = append(args, call.Args[i])
		}
	}
	return args, "a log, through " + fn.Name()
}

// isTerminal reports whether an expression is os.Stdout or os.Stderr.
func (x *secrets) isTerminal(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	v, ok := x.info.Uses[sel.Sel].(*types.Var)
	return ok && v.Pkg() != nil && v.Pkg().Path() == "os" && (v.Name() == "Stdout" || v.Name() == "Stderr")
}

// passesOn reports whether a function's result shows what its arguments are.
func passesOn(fn *types.Func) bool {
	switch stdName(fn) {
	case "fmt.Sprint", "fmt.Sprintf", "fmt.Sprintln", "fmt.Append", "fmt.Appendf", "fmt.Appendln",
		"strings.ToUpper", "strings.ToLower", "strings.TrimSpace", "strings.Join", "strings.Clone",
		"strconv.Quote", "encoding/json.Marshal", "encoding/json.MarshalIndent",
		"net/url.QueryEscape", "net/url.PathEscape", "encoding/hex.EncodeToString",
		"(*encoding/base64.Encoding).EncodeToString":
		return true
	}
	return false
}
