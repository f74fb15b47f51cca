package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/sessiongen/sessiongen/internal/checkout"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sessiongen": main})
}

// Each script in testdata/cli tells one story of a person, or a CI job, at a terminal.
func TestTheCommandDoesWhatItsScriptsTell(t *testing.T) {
	p := params(t)
	p.Dir = filepath.Join("..", "..", "testdata", "cli")
	testscript.Run(t, p)
}

// params gives every script the checkout, the caches of this machine and no network.
func params(t *testing.T) testscript.Params {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	goEnv, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	caches := strings.Fields(string(goEnv))
	return testscript.Params{
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("CHECKOUT", root)
			env.Setenv("GOCACHE", caches[0])
			env.Setenv("GOMODCACHE", caches[1])
			env.Setenv("GOPROXY", "off")
			env.Setenv("GOSUMDB", "off")
			env.Setenv("GOFLAGS", "-buildvcs=false")
			env.Setenv("GOTOOLCHAIN", "local")
			return nil
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "root":
				return os.Geteuid() == 0, nil
			case "setpriv": // one that can take a capability from root: busybox's cannot, nor can a root that lacks CAP_SETPCAP
				return exec.Command("setpriv", "--bounding-set=-dac_override", "true").Run() == nil, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":  exits,
			"module": module,
		},
	}
}

// exits runs a command and wants a certain exit code: exits 2 sessiongen -nonsense
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code command [argument...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("cannot run %s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s exits with %d, want %d", args[1], got, want)
	}
}

// module makes the folder a module that requires this one, with its requirements of others: module path
func module(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: module path")
	}
	mod, sum, err := checkout.Module(ts.Getenv("CHECKOUT"), args[0])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("go.mod"), mod, 0o666))
	ts.Check(os.WriteFile(ts.MkAbs("go.sum"), sum, 0o666))
}
