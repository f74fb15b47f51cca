// Package checkout lets a test make a module that requires this one as it stands in the working tree.
package checkout

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const module = "github.com/sessiongen/sessiongen"

// Module returns the go.mod and the go.sum of a module that is called path. They list what this module, whose folder is
// root, needs of others, so that no network is asked.
func Module(root, path string) (mod, sum []byte, err error) {
	if root, err = filepath.Abs(root); err != nil {
		return nil, nil, err
	}
	own, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, nil, err
	}
	if sum, err = os.ReadFile(filepath.Join(root, "go.sum")); err != nil {
		return nil, nil, err
	}
	_, requirements, _ := strings.Cut(string(own), "\nrequire")
	text := fmt.Sprintf("module %s\n\ngo 1.26.0\n\nrequire %s v0.0.0\n\nreplace %s => %s\n\nrequire%s",
		path, module, module, root, requirements)
	return []byte(text), sum, nil
}
