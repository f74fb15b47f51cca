package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/sessiongen/sessiongen/generator/adopt"
	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/load"
	"github.com/sessiongen/sessiongen/generator/output"
)

// An adoption is one run of sessiongen adopt.
type adoption struct {
	stdout, stderr io.Writer
	output, format string
	diff           bool
}

// runAdopt reads the command line behind the word adopt.
func runAdopt(args []string, stdout, stderr io.Writer) int {
	a := adoption{stdout: stdout, stderr: stderr}
	flags := flag.NewFlagSet("sessiongen adopt", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&a.output, "o", "", "")
	flags.StringVar(&a.format, "report", "text", "")
	flags.BoolVar(&a.diff, "diff", false, "")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, adoptUsage)
		return exitFine
	}
	if err == nil && a.format != "text" && a.format != "json" {
		err = fmt.Errorf("unknown report %q: use text or json", a.format)
	}
	if err == nil && a.output != "" && filepath.Ext(a.output) != ".go" {
		err = fmt.Errorf("-o %s: name a file that ends in .go", a.output)
	}
	for _, arg := range flags.Args() {
		if err == nil && strings.HasPrefix(arg, "-") {
			err = fmt.Errorf("%s stands behind a package: options come first", arg)
		}
	}
	if err != nil {
		fmt.Fprintf(stderr, "sessiongen adopt: %v\nrun sessiongen adopt -h for its options\n", err)
		return exitTrouble
	}
	code, err := a.run(flags.Args())
	if err != nil {
		fmt.Fprintf(stderr, "sessiongen adopt: %v\n", err)
		return exitTrouble
	}
	return code
}

func (a *adoption) run(patterns []string) (int, error) {
	// All that is read of a program is in memory at once, and time is not what this waits for.
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	dir, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	cfg := adopt.Config{Config: load.Config{Dir: dir, Patterns: patterns}, Output: a.output}
	r, err := adopt.Run(ctx, cfg)
	if err != nil {
		return 0, err
	}
	if a.output != "" {
		if err := a.write(dir, r); err != nil {
			return 0, err
		}
	}
	if err := a.print(r); err != nil {
		return 0, err
	}
	if len(r.Findings) > 0 {
		return exitMistake, nil
	}
	return exitFine, nil
}

// write puts the schema where the person wants it, and over no file of theirs.
func (a *adoption) write(dir string, r *adopt.Report) error {
	if r.Schema == nil {
		return fmt.Errorf("-o %s: no key was found, so there is no schema", a.output)
	}
	path := a.output
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	change, err := output.Plan(r.Root, path, r.Schema)
	if err != nil {
		return err
	}
	if err := output.Write([]output.Change{change}); err != nil {
		return err
	}
	if change.Action != output.Keep {
		fmt.Fprintf(a.stderr, "sessiongen adopt: %s written\n", diag.Relative(dir, path))
	}
	return nil
}

// print writes the report to standard output. With -diff the patch stands there, and the text goes to standard error.
func (a *adoption) print(r *adopt.Report) error {
	if !a.diff {
		r.Diff, r.Left = "", nil
	}
	switch {
	case a.format == "json":
		return r.JSON(a.stdout)
	case a.diff:
		if _, err := io.WriteString(a.stdout, r.Diff); err != nil {
			return err
		}
		return r.Text(a.stderr)
	}
	if err := r.Text(a.stdout); err != nil || a.output != "" || r.Schema == nil {
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "\nThe schema, which -o session.go writes:\n\n%s", r.Shown)
	return err
}

const adoptUsage = `sessiongen adopt reads a program that keeps sessions under string keys and says
what they hold, what is wrong with them, and how to come over. It knows scs,
gorilla/sessions, gin-contrib/sessions, echo-contrib/session, and the sessions
of fiber and beego.

	sessiongen adopt [-o session.go] [-report text|json] [-diff] [packages]

Packages are those of the program, by default ./..., all of the module. Nothing
is written without -o, and no code of the program is run.

	-o        write the schema to this file, which must not be there
	-report   how the report is printed: text or json (one object)
	-diff     print the rewrites that are certain as a patch on standard output;
	          the text of the report goes to standard error, a report in json
	          has the patch in it

Exit codes: 0 nothing is wrong, 1 there are findings, 2 trouble: a package that
cannot be read, a file that cannot be written, a wrong command.
`
