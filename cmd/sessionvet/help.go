package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

const usage = `sessionvet finds mistakes in code that uses sessions of sessiongen.

	sessionvet [-NAME …] [-fix [-diff]] [-json] [packages]
	go vet -vettool=$(go tool -n sessionvet) ./...
	sessionvet help [NAME]

Packages are named as for go build; ./... is all of a module. The first form
reads all packages from source; in the second the go command does that, and
keeps what it has found out from run to run.

	-NAME     run this analyzer alone, or several of them
	-fix      apply the fixes that are certain; with -diff show them only
	-json     print findings as JSON
	-c N      show N lines around each finding

Analyzers:

%s
sessionvet help NAME explains one: what it asks, what it leaves out, an example.

Examples:

	go tool sessionvet ./...
	go tool sessionvet -unsaved -latesave ./web

Exit codes: 0 nothing found, 1 a package cannot be read, 2 a wrong flag, 3
findings; go vet exits with 1 for any but the first.
`

// hint is what a wrong flag is answered with.
const hint = "run sessionvet -h for its options"

// help answers whoever asks for help, or names no package, which is not left to the driver: it would print all of its
// flags. asked is false for any other command line, those of the go command among them, which asks what flags there are.
func help(stdout, stderr io.Writer, args []string, analyzers []*analysis.Analyzer) (asked bool, code int) {
	flags, packages := args, slices.IndexFunc(args, isPackage)
	if packages >= 0 {
		flags = args[:packages]
	}
	switch {
	case packages == 0 && args[0] == "help", slices.ContainsFunc(flags, asksForHelp):
	case packages < 0 && !slices.ContainsFunc(flags, asksForFlags):
		fmt.Fprint(stderr, usageOf(analyzers))
		return true, 1
	default:
		return false, 0
	}
	if len(args) == 1 || args[0] != "help" {
		fmt.Fprint(stdout, usageOf(analyzers))
		return true, 0
	}
	for _, name := range args[1:] {
		a := named(analyzers, name)
		if a == nil {
			fmt.Fprintf(stderr, "sessionvet: no analyzer is called %s\nrun sessionvet help for their names\n", name)
			return true, 1
		}
		title, rest, _ := strings.Cut(a.Doc, "\n")
		fmt.Fprintf(stdout, "%s: %s\n%s\n", a.Name, title, strings.TrimRight(rest, "\n"))
	}
	return true, 0
}

func isPackage(arg string) bool    { return !strings.HasPrefix(arg, "-") }
func asksForHelp(arg string) bool  { return arg == "-h" || arg == "-help" || arg == "--help" }
func asksForFlags(arg string) bool { return arg == "-flags" || strings.HasPrefix(arg, "-V") }

func usageOf(analyzers []*analysis.Analyzer) string {
	var list strings.Builder
	for _, a := range analyzers {
		title, _, _ := strings.Cut(a.Doc, "\n")
		fmt.Fprintf(&list, "\t%-16s%s\n", a.Name, title)
	}
	return fmt.Sprintf(usage, list.String())
}

func named(analyzers []*analysis.Analyzer, name string) *analysis.Analyzer {
	for _, a := range analyzers {
		if a.Name == name {
			return a
		}
	}
	return nil
}
