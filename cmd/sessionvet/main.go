// Sessionvet finds mistakes in code that uses generated sessions: changes that nobody saves, saves that come too
// late, dropped errors, changed copies, sessions that outlive their request, secrets on their way to a log, limits
// that parallel requests pass together, timeouts that drop a cookie.
//
//	sessionvet [-unsaved] [-latesave] … [packages]
//	go vet -vettool=$(go tool -n sessionvet) ./...
//
// The first form loads all packages from source; the second lets the go command do that, which caches the facts of
// dependencies from run to run. sessionvet help lists the analyzers, sessionvet help unsaved explains one.
//
// It exits with 0 if nothing was found, 1 if a package cannot be read, 2 for a wrong flag, and 3 if there were findings;
// go vet exits with 1 for any but the first.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/sessiongen/sessiongen/generator/vet"
	"golang.org/x/tools/go/analysis/multichecker"
)

func main() {
	analyzers := vet.Analyzers()
	if asked, code := help(os.Stdout, os.Stderr, os.Args[1:], analyzers); asked {
		os.Exit(code)
	}
	// As a vettool it reads one package and is gone: collecting its small heap would be a fifth of the time.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	flag.Usage = func() { fmt.Fprintln(os.Stderr, hint) }
	multichecker.Main(analyzers...)
}
