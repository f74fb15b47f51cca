package output

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// place makes a folder that stands for a module, and one beside it that is none of its business.
func place(t *testing.T) (module, outside string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	module, outside = filepath.Join(dir, "module"), filepath.Join(dir, "outside")
	for _, folder := range []string{filepath.Join(module, "web"), outside} {
		if err := os.MkdirAll(folder, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	return module, outside
}

func link(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}

// generate plans and writes one file, as the command does.
func generate(root, path string) error {
	c, err := Plan(root, path, []byte(header+"new"))
	if err != nil {
		return err
	}
	return Write([]Change{c})
}

func TestALinkWithinTheModuleStaysALink(t *testing.T) {
	for name, lead := range map[string]func(module, at string){
		"relative":  func(_, at string) { link(t, "../real.go", at) },
		"absolute":  func(module, at string) { link(t, filepath.Join(module, "real.go"), at) },
		"to a link": func(module, at string) { link(t, "../real.go", at+".first"); link(t, at+".first", at) },
	} {
		module, _ := place(t)
		real, at := filepath.Join(module, "real.go"), filepath.Join(module, "web", "session_gen.go")
		write(t, real, header+"old")
		lead(module, at)
		if err := generate(module, at); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		info, err := os.Lstat(at)
		if err != nil || info.Mode()&os.ModeSymlink == 0 || read(t, real) != header+"new" {
			t.Errorf("%s: %v, %v, %q", name, info.Mode(), err, read(t, real))
		}
	}
}

func TestNothingOutsideTheModuleIsWritten(t *testing.T) {
	for name, plant := range map[string]func(module, victim string) (content string){
		"a link to a file of ours": func(module, victim string) string {
			link(t, victim, filepath.Join(module, "web", "session_gen.go"))
			return header + "old"
		},
		"a relative link": func(module, victim string) string {
			link(t, "../../outside/victim.go", filepath.Join(module, "web", "session_gen.go"))
			return header + "old"
		},
		"a link to an empty file": func(module, victim string) string {
			link(t, victim, filepath.Join(module, "web", "session_gen.go"))
			return ""
		},
		"a link to a link": func(module, victim string) string {
			link(t, victim, filepath.Join(module, "first"))
			link(t, "../first", filepath.Join(module, "web", "session_gen.go"))
			return header + "old"
		},
		"a folder that is a link": func(module, victim string) string {
			if err := os.Remove(filepath.Join(module, "web")); err != nil {
				t.Fatal(err)
			}
			link(t, filepath.Dir(victim), filepath.Join(module, "web"))
			return header + "old"
		},
	} {
		module, outside := place(t)
		victim := filepath.Join(outside, "victim.go")
		content := plant(module, victim)
		write(t, victim, content)
		if err := generate(module, filepath.Join(module, "web", "session_gen.go")); err == nil {
			t.Errorf("%s: no error", name)
		}
		if read(t, victim) != content {
			t.Errorf("%s: a file outside was written", name)
		}
		if files, _ := os.ReadDir(outside); len(files) != 1 {
			t.Errorf("%s: files were made outside: %v", name, files)
		}
	}
}

func TestAHardLinkIsCutAndNotWrittenThrough(t *testing.T) {
	module, outside := place(t)
	victim, at := filepath.Join(outside, "victim.go"), filepath.Join(module, "session_gen.go")
	write(t, victim, header+"old")
	if err := os.Link(victim, at); err != nil {
		t.Fatal(err)
	}
	if err := generate(module, at); err != nil {
		t.Fatal(err)
	}
	if read(t, victim) != header+"old" || read(t, at) != header+"new" {
		t.Errorf("outside %q, here %q", read(t, victim), read(t, at))
	}
}

func TestALinkThatLeadsNowhereIsReplaced(t *testing.T) {
	module, outside := place(t)
	at, nowhere := filepath.Join(module, "session_gen.go"), filepath.Join(outside, "nowhere.go")
	link(t, nowhere, at)
	if err := generate(module, at); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(at); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := os.Lstat(nowhere); err == nil {
		t.Error("the link was followed")
	}
}

func TestAnEmptyFileBehindALinkIsNotOurs(t *testing.T) {
	module, _ := place(t)
	real, at := filepath.Join(module, "notes.go"), filepath.Join(module, "web", "session_gen.go")
	write(t, real, "")
	link(t, "../notes.go", at)
	if err := generate(module, at); err == nil || !strings.Contains(err.Error(), "not a file of sessiongen") {
		t.Errorf("error: %v", err)
	}
	if read(t, real) != "" {
		t.Error("it was written")
	}
}

func TestRemovalTakesTheLinkAndNotWhatItLeadsTo(t *testing.T) {
	module, outside := place(t)
	victim, at := filepath.Join(outside, "victim.go"), filepath.Join(module, "session_gen.go")
	write(t, victim, header)
	link(t, victim, at)
	if err := Write([]Change{PlanRemoval(module, at, []byte(header))}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(at); err == nil {
		t.Error("the link is still there")
	}
	if read(t, victim) != header {
		t.Error("a file outside was touched")
	}
	folder := filepath.Join(module, "linked")
	link(t, outside, folder)
	removal := PlanRemoval(module, filepath.Join(folder, "victim.go"), []byte(header))
	if err := Write([]Change{removal}); !errors.Is(err, errLeadsOut) {
		t.Errorf("through a folder that leads out: %v", err)
	}
	if read(t, victim) != header {
		t.Error("a file outside was removed")
	}
}

func TestAFileThatChangedSinceThePlanIsLeftAlone(t *testing.T) {
	module, _ := place(t)
	for name, c := range map[string]Change{
		"made":    {Action: Create, New: []byte("new")},
		"updated": {Action: Update, Old: []byte("old"), New: []byte("new")},
		"removed": {Action: Remove, Old: []byte("old")},
	} {
		c.Root, c.Path = module, filepath.Join(module, name+".go")
		write(t, c.Path, "somebody's")
		if err := Write([]Change{c}); !errors.Is(err, errMeanwhile) {
			t.Errorf("%s: %v", name, err)
		}
		if read(t, c.Path) != "somebody's" {
			t.Errorf("%s: it was changed", name)
		}
	}
}

// Nobody can lay out a link under the name that the temporary file will have.
func TestTheTemporaryFileHasAnotherNameEachTime(t *testing.T) {
	module, _ := place(t)
	names := map[string]bool{}
	for range 3 {
		f, err := open(Change{Root: module, Path: filepath.Join(module, "session_gen.go"), Action: Create})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.stage([]byte("new")); err != nil {
			t.Fatal(err)
		}
		names[f.tmp] = true
		f.close()
	}
	if len(names) != 3 {
		t.Errorf("names: %v", names)
	}
	if left, _ := os.ReadDir(module); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// Nor would what somebody has laid out there be written, or be removed afterwards, had he guessed it.
func TestNothingIsWrittenThroughATemporaryName(t *testing.T) {
	const guessed = ".session_gen.go.guessed.tmp"
	for name, lay := range map[string]func(outside, at string){
		"a file":              func(_, at string) { write(t, at, "theirs") },
		"a link to a file":    func(outside, at string) { link(t, filepath.Join(outside, "file"), at) },
		"a link within":       func(_, at string) { link(t, "file", at) },
		"a link that dangles": func(outside, at string) { link(t, filepath.Join(outside, "absent"), at) },
		"a hard link": func(outside, at string) {
			if err := os.Link(filepath.Join(outside, "file"), at); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			module, outside := place(t)
			write(t, filepath.Join(outside, "file"), "theirs")
			write(t, filepath.Join(module, "file"), "theirs")
			lay(outside, filepath.Join(module, guessed))
			f, err := open(Change{Root: module, Path: filepath.Join(module, "session_gen.go"), Action: Create})
			if err != nil {
				t.Fatal(err)
			}
			if err := f.stageAs(guessed, []byte("new")); !errors.Is(err, os.ErrExist) {
				t.Errorf("%v, want that there is one already", err)
			}
			f.close()
			if _, err := os.Lstat(filepath.Join(module, guessed)); err != nil {
				t.Errorf("it was removed: %v", err)
			}
			for _, path := range []string{filepath.Join(outside, "file"), filepath.Join(module, "file")} {
				if got := read(t, path); got != "theirs" {
					t.Errorf("%s holds %q", path, got)
				}
			}
			if left, _ := os.ReadDir(outside); len(left) != 1 {
				t.Errorf("outside: %v", left)
			}
		})
	}
}
