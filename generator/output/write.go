package output

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Write carries out changes. New contents are all on disk before the first of them takes its place, so that an error
// (a folder that cannot be written, a full disk) leaves everything as it was; only a failing rename can come between.
func Write(changes []Change) error {
	var staged []*file
	defer func() {
		for _, f := range staged {
			f.close()
		}
	}()
	for _, c := range changes {
		if c.Action == Keep {
			continue
		}
		f, err := open(c)
		if err != nil {
			return writeError(c, err)
		}
		staged = append(staged, f)
		if c.Action != Remove {
			if err := f.stage(c.New); err != nil {
				return writeError(c, err)
			}
		}
	}
	for _, f := range staged {
		if err := f.replace(); err != nil {
			return writeError(f.change, err)
		}
	}
	return nil
}

// writeError leaves out the temporary file's name, which means nothing to anyone.
func writeError(c Change, err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	var linkError *os.LinkError
	if errors.As(err, &linkError) {
		err = linkError.Err
	}
	what := "cannot write " + c.Path
	if c.Action == Remove {
		what = "cannot remove " + c.Path + ", which no schema is left for"
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%s: %w: make its folder writable, or leave the package out", what, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// A file is the place of one change, opened within the root that bounds it: os.Root follows no link out of that, not
// even one that is planted meanwhile.
type file struct {
	change Change
	root   *os.Root
	name   string // in root
	tmp    string // in root: the new content, until it takes its place
}

func open(c Change) (*file, error) {
	name, err := locate(c)
	if err != nil {
		return nil, err
	}
	real, err := filepath.EvalSymlinks(c.Root)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(real)
	if err != nil {
		return nil, err
	}
	return &file{change: c, root: root, name: name}, nil
}

var (
	errLeadsOut = errors.New("a link leads out of the module: put a file or folder in its place")
	errOutside  = errors.New("this is outside of the module")
)

// locate returns where in its root a change takes place. A new content replaces the file that a link leads to, and not
// the link; one that leads nowhere is replaced itself, and a removal removes the link.
func locate(c Change) (string, error) {
	root, err := filepath.EvalSymlinks(c.Root)
	if err != nil {
		return "", err
	}
	var real string
	if c.Action == Update {
		real, err = filepath.EvalSymlinks(c.Path)
	} else {
		real, err = filepath.EvalSymlinks(filepath.Dir(c.Path))
		real = filepath.Join(real, filepath.Base(c.Path))
	}
	if err != nil {
		return "", err
	}
	name, err := filepath.Rel(root, real)
	if err == nil && filepath.IsLocal(name) {
		return name, nil
	}
	if within, err := filepath.Rel(c.Root, c.Path); err != nil || !filepath.IsLocal(within) {
		return "", fmt.Errorf("%s: %w", c.Path, errOutside)
	}
	return "", fmt.Errorf("%s: %w", c.Path, errLeadsOut)
}

// stage writes the new content beside its place, with the mode that it shall have there: that of the file it replaces,
// or what the umask leaves of 0666. The dot hides it from the go command, its random part cannot be guessed.
func (f *file) stage(content []byte) error {
	return f.stageAs(filepath.Join(filepath.Dir(f.name), fmt.Sprintf(".%s.%s.tmp", filepath.Base(f.name), rand.Text())), content)
}

// stageAs refuses a name that there is already, be it of a file or of a link.
func (f *file) stageAs(name string, content []byte) error {
	w, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	f.tmp = name
	_, err = w.Write(content)
	if info, statErr := f.root.Stat(f.name); err == nil && statErr == nil {
		err = w.Chmod(info.Mode().Perm())
	}
	return errors.Join(err, w.Close())
}

var errMeanwhile = errors.New("the file has changed meanwhile: run sessiongen again")

// replace makes the change, unless the file is no longer the one that was looked at.
func (f *file) replace() error {
	info, err := f.root.Lstat(f.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if f.change.Action == Remove {
			return nil
		}
	case err != nil:
		return err
	case info.Mode().IsRegular():
		if now, err := f.root.ReadFile(f.name); err != nil {
			return err
		} else if f.change.Action == Create || !bytes.Equal(now, f.change.Old) {
			return errMeanwhile
		}
	}
	if f.change.Action == Remove {
		return f.root.Remove(f.name)
	}
	if err := f.root.Rename(f.tmp, f.name); err != nil {
		return err
	}
	f.tmp = ""
	return nil
}

// close removes what is left on the way out of an error; nothing more can be done about it.
func (f *file) close() {
	if f.tmp != "" {
		_ = f.root.Remove(f.tmp)
	}
	_ = f.root.Close()
}
