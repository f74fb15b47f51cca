//go:build unix

package file_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sessiongen/sessiongen/runtime/store/file"
)

func TestWhoHasTheFileIsToldByEachOfItsNames(t *testing.T) {
	path := newPath(t)
	dir := filepath.Dir(path)
	link, later := filepath.Join(dir, "link"), filepath.Join(dir, "later")
	for name, to := range map[string]string{link: path, later: filepath.Join(dir, "not yet.db"), filepath.Join(dir, "dir"): dir} {
		if err := os.Symlink(to, name); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	open(t, path, file.Options{}, file.Env{})
	open(t, later, file.Options{}, file.Env{}) // the link is there before the file
	for _, name := range []string{path, link, filepath.Join(dir, "dir", "link"), "link", filepath.Join(dir, "not yet.db"), later} {
		_, err := file.Open(name)
		var inUse *file.InUseError
		if !errors.As(err, &inUse) || inUse.PID != os.Getpid() || inUse.Path != name {
			t.Errorf("%s: %v, want this process", name, err)
		}
	}
}

func TestARelativePathStaysWhereItWasOpened(t *testing.T) {
	path := newPath(t)
	t.Chdir(filepath.Dir(path))
	s := open(t, filepath.Base(path), file.Options{}, file.Env{})
	t.Chdir(t.TempDir())
	closeStore(t, s)
	if _, err := os.Stat(path + ".pid"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a closed store leaves its number where it was opened: %v", err)
	}
}

func TestWhatIsNoFileIsNotOpened(t *testing.T) {
	pipe := newPath(t)
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, filepath.Dir(pipe), os.DevNull} {
		if _, err := file.Open(path); err == nil || err.Error() != "file: "+path+" is not a regular file" {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := file.Open(filepath.Join(pipe+".d", "sessions.db")); !errors.Is(err, os.ErrNotExist) || strings.Count(err.Error(), "open") != 1 {
		t.Errorf("in a directory that is missing: %v", err)
	}
}
