// Sessiongen generates typed sessions from annotated structs.
//
// It reads the packages that it is given, by default the one in the current directory, and writes a file beside each
// source with a //sessiongen:schema directive: session.go → session_gen.go. With -check it writes nothing, reports what
// it would write, and shows the difference on standard output. Diagnostics go to standard error.
//
// It exits with 0 if all is well, 1 if a schema is wrong or a file is not up to date, and 2 if something else is: a
// package that cannot be read, a folder that cannot be written, a wrong command line.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/sessiongen/sessiongen/generator/diag"
)

const (
	exitFine    = 0
	exitMistake = 1
	exitTrouble = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	c := command{stdout: stdout, stderr: stderr}
	flags := flag.NewFlagSet("sessiongen", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the flag package would print all usage after each slip
	flags.BoolVar(&c.check, "check", false, "")
	flags.BoolVar(&c.verbose, "v", false, "")
	format := flags.String("format", string(diag.Text), "")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return exitFine
	}
	if err == nil {
		c.format, err = diag.ParseFormat(*format)
	}
	for _, arg := range flags.Args() {
		if err == nil && strings.HasPrefix(arg, "-") {
			err = fmt.Errorf("%s stands behind a package: options come first", arg)
		}
	}
	if err != nil {
		fmt.Fprintf(stderr, "sessiongen: %v\nrun sessiongen -h for its options\n", err)
		return exitTrouble
	}
	if flags.NArg() == 1 && flags.Arg(0) == "version" {
		printVersion(stdout)
		return exitFine
	}
	if flags.NArg() == 1 && flags.Arg(0) == "secret" {
		printSecret(stdout)
		return exitFine
	}
	c.patterns = flags.Args()
	return c.run()
}

const usage = `sessiongen generates typed sessions from structs marked with //sessiongen:schema.

	sessiongen [-check] [-format text|json|github] [-v] [packages]
	sessiongen secret
	sessiongen version

Secret prints a new secret for session.Secret. The packages are named as for go build, by default the one in the current
directory: ./... is all of a module. The code for session.go is written to
session_gen.go beside it.

	-check    write nothing; exit with 1 and show the difference if a file
	          is not up to date
	-format   how diagnostics are printed: text, json (an object on each
	          line) or github (annotations of a pull request)
	-v        say what was done to each file, and how long it took

Exit codes: 0 fine, 1 diagnostics or files out of date, 2 trouble.
`
