// Shop starts the shop, the example that uses all of sessiongen as a real site would: a catalogue, a cart that two
// tabs may fill at once, a checkout whose steps expire, a login with a password and one at an OAuth provider,
// devices, two languages and themes, an API for an app. The site is examples/shop/site; its main.go says which flags
// there are.
//
//	go run ./examples/shop
//
// The site is a module of its own, because it needs an OAuth client and drivers, which sessiongen's users shall not
// depend on. A package of this module cannot import it: this one builds it and runs it. Who is in its folder needs no
// such help:
//
//	cd examples/shop/site && go run .
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	code, err := start(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
	}
	os.Exit(code)
}

// start builds the site, runs it where this program runs, and returns its exit code.
func start(args []string) (code int, err error) {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/sessiongen/sessiongen").Output()
	if err != nil {
		return 1, fmt.Errorf("this is to be run within the repository: %w", err)
	}
	dir, err := os.MkdirTemp("", "shop-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "shop.exe") // the ending that one system needs, and others do not mind
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = filepath.Join(strings.TrimSpace(string(root)), "examples", "shop", "site")
	build.Stdout, build.Stderr = os.Stdout, os.Stderr
	if err := build.Run(); err != nil {
		return 1, fmt.Errorf("build the site: %w", err)
	}

	site := exec.Command(program, args...)
	site.Stdin, site.Stdout, site.Stderr = os.Stdin, os.Stdout, os.Stderr
	// Ctrl-C at a terminal reaches the site too, and to hear it twice changes nothing; what is sent to this program
	// alone is passed on.
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if err := site.Start(); err != nil {
		return 1, err
	}
	go func() {
		for s := range signals {
			_ = site.Process.Signal(s)
		}
	}()
	err = site.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}
