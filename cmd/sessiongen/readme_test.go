//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The README's first screen is performed as it stands: its commands in their order, on its two files, in an empty
// folder. Only what a machine without a network cannot do is different: the module is required and replaced by the
// checkout before `go get -tool`, and the site is asked by a command of the script instead of curl.
func TestTheReadmeLeadsFromNothingToASession(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: it builds a site from nothing")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(readme), "## From nothing to a session")
	text, _, _ = strings.Cut(text, "\n## ")
	files := fences(text, "go")
	commands := strings.Join(fences(text, "sh"), "")
	console := strings.Join(fences(text, "console"), "")
	if len(files) != 2 {
		t.Fatalf("the first screen has %d files, want session.go and main.go", len(files))
	}

	proxy, err := exec.Command("go", "env", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	for _, command := range lines(commands) {
		switch command {
		case "go generate ./...":
			fmt.Fprintln(&script, "! exec go vet .\n! exists session_gen.go") // the handler is written first
			fmt.Fprintf(&script, "exec %s\nexists session_gen.go\n", command)
		case "go mod tidy":
			// It looks at the tests of what a module imports, and these at modules that nothing else here needs: on a
			// machine that has never fetched them, this one command may.
			fmt.Fprintf(&script, "env GOPROXY=%s\nexec %s\nenv GOPROXY=off\n", bytes.TrimSpace(proxy), command)
		case "go run .":
			fmt.Fprintln(&script, "exec go vet .")
			fmt.Fprintf(&script, "serve %s\n", command)
		default:
			fmt.Fprintf(&script, "exec %s\n", command)
		}
		if strings.HasPrefix(command, "go mod init") {
			fmt.Fprintln(&script, "exec go mod edit -require=github.com/sessiongen/sessiongen@v0.0.0 -replace=github.com/sessiongen/sessiongen=$CHECKOUT")
		}
	}
	var asked, misspelt []string
	for _, line := range lines(console) {
		if path, ok := strings.CutPrefix(line, "$ curl -b jar -c jar "); ok {
			asked = append(asked, strings.Trim(strings.TrimPrefix(strings.Trim(path, "'"), "http://127.0.0.1:8080"), "'"))
		} else if strings.HasPrefix(line, "Hello ") {
			asked = append(asked, line)
		} else if strings.HasPrefix(line, "vet: ") {
			misspelt = append(misspelt, line)
		}
	}
	if len(asked) != 4 || len(misspelt) != 1 {
		t.Fatalf("the consoles of the first screen are not understood: %q, %q", asked, misspelt)
	}
	address := freeAddress(t)
	fmt.Fprintf(&script, "visit http://%s '%s'\n", address, strings.Join(asked, "' '"))
	fmt.Fprintln(&script, "exec go tool sessiongen -check ./...")
	fmt.Fprintln(&script, "misspell main.go SetUserName SetUserNmae\n! exec go vet .")
	fmt.Fprintf(&script, "stderr '^%s$'\n", regexp.QuoteMeta(misspelt[0]))
	main := strings.Replace(files[1], "127.0.0.1:8080", address, 1) // which may be taken on this machine
	fmt.Fprintf(&script, "-- session.go --\n%s-- main.go --\n%s", files[0], main)

	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "readme.txtar"), []byte(script.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	p := params(t)
	p.Dir = dir
	p.Cmds["serve"] = serve
	p.Cmds["visit"] = visit
	p.Cmds["misspell"] = misspell
	testscript.Run(t, p)
}

// fences returns the contents of the fenced blocks of a language.
func fences(markdown, language string) []string {
	var found []string
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```").FindAllStringSubmatch(markdown, -1) {
		found = append(found, m[1])
	}
	return found
}

func lines(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// serve starts a command and ends it, with what it started in turn, when the script is over: serve command
// [argument...]
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: serve command [argument...]")
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB", "GOFLAGS", "GOTOOLCHAIN"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // go run leaves its child behind when it is killed
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
}

// visit asks a site with one cookie jar and wants certain answers, once the site is up: visit url [path answer]...
func visit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args)%2 != 1 {
		ts.Fatalf("usage: visit url [path answer]...")
	}
	jar, err := cookiejar.New(nil)
	ts.Check(err)
	client := &http.Client{Jar: jar, Timeout: time.Minute}
	deadline := time.Now().Add(10 * time.Minute) // go run compiles first
	for i := 1; i < len(args); i += 2 {
		resp, err := client.Get(args[0] + args[i])
		if err != nil {
			if time.Now().After(deadline) {
				ts.Fatalf("the site does not answer: %v", err)
			}
			time.Sleep(50 * time.Millisecond)
			i -= 2
			continue
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		ts.Check(err)
		if got := strings.TrimSpace(string(body)); got != args[i+1] {
			ts.Fatalf("%s answers %q, want %q", args[i], got, args[i+1])
		}
	}
}

// misspell replaces a text in a file: misspell file old new
func misspell(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: misspell file old new")
	}
	before := ts.ReadFile(args[0])
	after := strings.Replace(before, args[1], args[2], 1)
	if before == after {
		ts.Fatalf("%s does not contain %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(after), 0o666))
}
