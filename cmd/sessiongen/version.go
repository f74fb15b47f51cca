package main

import (
	"fmt"
	"io"
	"runtime/debug"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// printVersion says which build this is: of the module, of the commit where the go command recorded one, of the
// generation that ties generated code to its runtime.
func printVersion(w io.Writer) {
	version, revision, goVersion := "(unknown)", "", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version, goVersion = info.Main.Version, " "+info.GoVersion
		modified := ""
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				revision = " " + s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				modified = " (modified)"
			}
		}
		revision += modified
	}
	fmt.Fprintf(w, "sessiongen %s%s%s, runtime generation %d\n", version, revision, goVersion, session.Generation)
}
