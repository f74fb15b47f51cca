// Sessiongen generates typed sessions from annotated structs.
//
// It reads the packages that it is given, by default the one in the current directory, and writes a file beside each
// source with a //sessiongen:schema directive: session.go → session_gen.go. With -check it writes nothing, reports what
// it would write, and shows the difference on standard output. Diagnostics go to standard error.
//
// sessiongen adopt reads a program that keeps sessions with another library: see adopt.go.
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

func main() {
	// Without alias types the checker forgets how a type was written, and the output would depend on a variable that
	// was set for something else.
	err := os.Setenv("GODEBUG", strings.TrimPrefix(os.Getenv("GODEBUG")+",gotypesalias=1", ","))
	if err != nil {
		fmt.Fprintf(os.Stderr, "sessiongen: %v\n", err)
		os.Exit(exitTrouble)
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		switch word, rest := args[0], args[1:]; word {
		case "adopt":
			return runAdopt(rest, stdout, stderr)
		case "help", "secret", "version":
			return answer(word, rest, stdout, stderr)
		}
	}
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
	c.patterns = flags.Args()
	return c.run()
}

// answer runs the words that read no package.
func answer(word string, args []string, stdout, stderr io.Writer) int {
	asksForHelp := len(args) == 1 && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help")
	switch {
	case word == "help" && len(args) == 1 && args[0] == "adopt":
		fmt.Fprint(stdout, adoptUsage)
	case asksForHelp, word == "help" && len(args) == 0:
		fmt.Fprint(stdout, usage)
	case len(args) > 0:
		fmt.Fprintf(stderr, "sessiongen: %s takes nothing behind it: remove %q\nrun sessiongen -h for its options\n",
			word, strings.Join(args, " "))
		return exitTrouble
	case word == "secret":
		printSecret(stdout)
	default:
		printVersion(stdout)
	}
	return exitFine
}

const usage = `sessiongen writes typed sessions: for each struct that is marked with
//sessiongen:schema a type with getters, setters and Save, in session_gen.go
beside session.go.

	sessiongen [-check] [-format text|json|github] [-v] [packages]
	sessiongen adopt [-o session.go] [-report text|json] [-diff] [packages]
	sessiongen secret
	sessiongen version

Packages are named as for go build, by default the one in the current
directory; ./... is all of a module.

	-check    write nothing; report each file that is missing, orphaned or
	          not up to date, with the difference on standard output
	-format   how diagnostics are printed: text, json (an object on each
	          line) or github (annotations of a pull request)
	-v        say what was done to each file, how long it took, and what a
	          schema might have

	adopt     read a program that uses another library: what its sessions
	          hold, what is wrong with them, and the way over
	secret    print a new secret, as session.Secret reads it
	version   print which build this is, and for which runtime

Examples:

	//go:generate go tool sessiongen           in a source file: go generate ./...
	go tool sessiongen ./...                   all packages of the module
	go tool sessiongen -check ./...            in CI: is what is checked in up to date?
	export SECRET=$(go tool sessiongen secret)

Exit codes: 0 fine, 1 a schema is wrong or a file is not up to date, 2 trouble:
a package that cannot be read, a file that cannot be written, a wrong command.
`
