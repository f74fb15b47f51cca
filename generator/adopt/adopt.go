// Package adopt reads a program that keeps sessions under string keys with another library, and says what they hold:
// a schema, what is wrong with the sessions today, and which calls can be rewritten.
//
// This file is the whole way: load the program, without the function bodies that have nothing to do with sessions, find the doors by which it gets at sessions (libraries.go is the
// table), follow keys to constants and values to types, choose types and options, report. It runs no code of the
// program, and it writes nothing: its results are values.
//
// What it says is certain or not said. It sees what stands in the source: a key that comes from a request or a
// database is reported as one that cannot be told, and while there is one nothing is said of keys that are never read
// or written.
package adopt

import (
	"context"

	"github.com/sessiongen/sessiongen/generator/load"
)

// Config says what to read.
type Config struct {
	load.Config
	// Output is the file that the schema is meant for, or empty. Its folder decides how types are named.
	Output string
}

// Run studies a program. An error says that it could not be read.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	if len(cfg.Patterns) == 0 {
		cfg.Patterns = []string{"./..."}
	}
	loaded, err := load.LoadProgram(ctx, cfg.Config, newSurvey())
	if err != nil {
		return nil, err
	}
	return run(loaded, cfg)
}

func run(loaded *load.Program, cfg Config) (*Report, error) {
	st := newStudy(index(loaded))
	st.dir = cfg.Dir
	for _, s := range st.sessions {
		giveNames(s)
		for _, k := range s.keys {
			st.chooseOptions(k)
		}
	}
	st.find()
	return st.report(cfg)
}
