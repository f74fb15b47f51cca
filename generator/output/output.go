// Package output compares what was generated with what is on disk, and brings the disk up to date.
//
// Planning and writing are apart: a plan is a value that can be shown, compared or written, and making one changes nothing.
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
	Path     string // absolute
	Action   Action
	Old, New []byte // nil where there is none
}

// Plan compares a generated file with what stands at its path. It is an error if that is not ours.
func Plan(path string, content []byte) (Change, error) {
	old, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Change{Path: path, Action: Create, New: content}, nil
	case err != nil:
		return Change{}, fmt.Errorf("cannot compare the generated code with what is there: %w", err)
	case bytes.Equal(old, content):
		return Change{Path: path, Action: Keep, Old: old, New: content}, nil
	}
	if _, ours := schema.Owned(old); !ours && len(bytes.TrimSpace(old)) > 0 {
		return Change{}, fmt.Errorf("%s is not a file of sessiongen: it is left alone", path)
	}
	return Change{Path: path, Action: Update, Old: old, New: content}, nil
}

// PlanRemoval plans that a file of ours goes.
func PlanRemoval(path string, content []byte) Change {
	return Change{Path: path, Action: Remove, Old: content}
}

// Diff returns the change as a unified diff, for a file that goes by name.
func (c Change) Diff(name string) []byte {
	name = filepath.ToSlash(name)
	return diff.Diff(name, c.Old, name+" (generated)", c.New)
}

// Write carries out changes. New contents are all on disk before the first of them takes its place, so that an error
// (a folder that cannot be written, a full disk) leaves everything as it was; only a failing rename can come between.
func Write(changes []Change) error {
	staged := map[string]string{} // path → temporary file
	defer func() {
		for _, tmp := range staged {
			os.Remove(tmp) // only on the way out of an error; nothing more can be done about it
		}
	}()
	for _, c := range changes {
		if c.Action == Create || c.Action == Update {
			tmp, err := stage(c)
			if err != nil {
				return writeError(c.Path, err)
			}
			staged[c.Path] = tmp
		}
	}
	for _, c := range changes {
		switch c.Action {
		case Create, Update:
			if err := os.Rename(staged[c.Path], target(c.Path)); err != nil {
				return writeError(c.Path, err)
			}
			delete(staged, c.Path)
		case Remove:
			if err := os.Remove(c.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("cannot remove %s, which no schema is left for: %w", c.Path, err)
			}
		}
	}
	return nil
}

// writeError leaves out the temporary file's name, which means nothing to anyone.
func writeError(path string, err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	var linkError *os.LinkError
	if errors.As(err, &linkError) {
		err = linkError.Err
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("cannot write %s: %w: make its folder writable, or leave the package out", path, err)
	}
	return fmt.Errorf("cannot write %s: %w", path, err)
}

// stage writes the new content beside its place, with the mode that it shall have there: that of the file it replaces, or
// what the umask leaves of 0666. The name hides it from the go command.
func stage(c Change) (string, error) {
	path := target(c.Path)
	tmp := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d.tmp", filepath.Base(path), os.Getpid()))
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return "", err
	}
	_, err = f.Write(c.New)
	if info, statErr := os.Stat(path); err == nil && statErr == nil {
		err = f.Chmod(info.Mode().Perm())
	}
	if err := errors.Join(err, f.Close()); err != nil {
		os.Remove(tmp)
		return "", err
	}
	return tmp, nil
}

// target follows a link, so that the rename replaces the file and not the link.
func target(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}
