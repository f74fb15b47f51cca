package load

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sessiongen/sessiongen/generator/schema"
)

// An Output is a file that the generator wrote, as it is now: stale, perhaps, or with conflict markers.
type Output struct {
	Name    string // base name
	Source  string // base name of the file that it was generated from
	Content []byte
}

// readFolder looks at the files of the folder that the type checker did not see. Only the folder itself tells all of
// them: go list leaves out tests, and files whose constraints do not hold. They are parsed only if there is a schema
// somewhere, since a large module has many packages and tests without one.
func (p *Package) readFolder(seen []string) error {
	entries, err := os.ReadDir(p.Dir)
	if err != nil {
		return fmt.Errorf("cannot read the folder of package %s: %w", p.Path, err)
	}
	schemas := slices.ContainsFunc(p.Files, (*File).MentionsSchema)
	var apart []*File
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !strings.HasSuffix(name, ".go") || name[0] == '_' || name[0] == '.' {
			continue
		}
		path := filepath.Join(p.Dir, name)
		mayBeOutput, isSeen := strings.HasSuffix(name, outputSuffix), slices.Contains(seen, path)
		if isSeen && !mayBeOutput {
			continue
		}
		if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
			continue
		}
		src, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // a link that leads nowhere: the go command passes over it, too
		}
		if err != nil {
			return fmt.Errorf("cannot read a file of package %s: %w", p.Path, err)
		}
		source, ours := schema.Owned(src)
		switch {
		case mayBeOutput && ours:
			if source == "" {
				source = strings.TrimSuffix(name, outputSuffix) + ".go"
			}
			p.Outputs = append(p.Outputs, &Output{Name: name, Source: source, Content: src})
		case !isSeen:
			f := &File{Name: name, Source: src}
			apart = append(apart, f)
			schemas = schemas || f.MentionsSchema()
		}
	}
	if !schemas {
		return nil
	}
	for _, f := range apart {
		f.parse(p.fset, filepath.Join(p.Dir, f.Name))
	}
	p.Apart = apart
	return nil
}
