// Package output compares what was generated with what is on disk, and brings the disk up to date.
//
// Planning and writing are apart: a plan is a value that can be shown, compared or written, and making one changes
// nothing.
//
// No other package below cmd and generator changes files. A checkout may come from anybody, so nothing is written
// through a link that leads out of its module, into a file whose name could have been guessed, or over a file that is
// not ours.
package output

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// An Action is what has to be done to a file.
type Action int

const (
	Keep   Action = iota // as generated
	Create               // missing
	Update               // differs
	Remove               // ours, and no schema is left for it
)

// A Change is one file and what has to be done to it.
type Change struct {
	Root     string // the folder that nothing is written outside of: the module's
	Path     string // absolute
	Action   Action
	Old, New []byte // nil where there is none
}

// Plan compares a generated file with what stands at its path. It is an error if that is not ours, or not within root.
func Plan(root, path string, content []byte) (Change, error) {
	c := Change{Root: root, Path: path, New: content}
	var err error
	switch c.Old, err = readRegular(path); {
	case errors.Is(err, fs.ErrNotExist):
		c.Action = Create
	case err != nil:
		return Change{}, fmt.Errorf("cannot compare the generated code with what is there: %w", err)
	case bytes.Equal(c.Old, content):
		return c, nil
	case !replaceable(path, c.Old):
		return Change{}, fmt.Errorf("%s is not a file of sessiongen: it is left alone", path)
	default:
		c.Action = Update
	}
	_, err = locate(c)
	return c, err
}

// readRegular reads a file, and nothing that blocks or never ends.
func readRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	return os.ReadFile(path)
}

// replaceable reports whether a file is ours by its content. An empty one belongs to
// nobody, unless a link leads to it: then its owner may not know of us.
func replaceable(path string, content []byte) bool {
	if _, ours := schema.Owned(content); ours {
		return true
	}
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular() && len(bytes.TrimSpace(content)) == 0
}

// PlanRemoval plans that a file of ours goes.
func PlanRemoval(root, path string, content []byte) Change {
	return Change{Root: root, Path: path, Action: Remove, Old: content}
}

// Diff returns the change as a unified diff, for a file that goes by name.
func (c Change) Diff(name string) []byte {
	name = filepath.ToSlash(name)
	return diff.Diff(name, c.Old, name+" (generated)", c.New)
}
