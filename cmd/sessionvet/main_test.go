package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/generator/vet"
)

// build returns the command, built as go tool -n does it.
func build(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("not in a short test: it builds the command, and vets with it")
	}
	tool := filepath.Join(t.TempDir(), "sessionvet")
	if out, err := exec.Command("go", "build", "-o", tool, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return tool
}

// run runs a command in the module of the analyzers' test data.
func run(t *testing.T, name string, args ...string) (output string, exit int) {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "..", "generator", "vet", "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK="+filepath.Join(dir, "go.work"))
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func TestOneBinaryServesAloneAndAsVettool(t *testing.T) {
	tool := build(t)
	const finding = "what AddVisits changes in the session may be lost"

	alone, exit := run(t, tool, "./mixed")
	if exit != 3 || strings.Count(alone, finding) != 2 {
		t.Errorf("sessionvet ./mixed: exit code %d, want 3 and two findings:\n%s", exit, alone)
	}
	asTool, exit := run(t, "go", "vet", "-vettool="+tool, "./mixed")
	if exit != 1 || strings.Count(asTool, finding) != 2 {
		t.Errorf("go vet -vettool ./mixed: exit code %d, want 1 and two findings:\n%s", exit, asTool)
	}
}

func TestAWrongFlagIsAnsweredInTwoLines(t *testing.T) {
	tool := build(t)
	for _, args := range [][]string{{"-unsavd", "./mixed"}, {"-c", "many", "./mixed"}} {
		said, exit := run(t, tool, args...)
		if exit != 2 || strings.Count(said, "\n") != 2 || !strings.HasSuffix(said, hint+"\n") {
			t.Errorf("%q: exit code %d, want 2 and two lines:\n%s", args, exit, said)
		}
	}
}

func TestAFileThatCallsCIsReportedAtItsOwnLines(t *testing.T) {
	out, err := exec.Command("go", "env", "CGO_ENABLED").Output()
	if err != nil || strings.TrimSpace(string(out)) != "1" {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no C compiler")
		}
		t.Skip("there is no C compiler to build the file with")
	}
	tool := build(t)
	file, err := os.ReadFile("../../generator/vet/testdata/native/native.go")
	if err != nil {
		t.Fatal(err)
	}
	var findings []string
	for i, line := range strings.Split(string(file), "\n") {
		_, wants, _ := strings.Cut(line, "// want ")
		for _, want := range regexp.MustCompile("`(?:[a-z]+: )([^`]+)`").FindAllStringSubmatch(wants, -1) {
			findings = append(findings, fmt.Sprintf(`native\.go:%d:\d+: %s`, i+1, want[1]))
		}
	}
	for _, a := range vet.Analyzers() {
		if !strings.Contains(string(file), "`"+a.Name+": ") {
			t.Errorf("the file has nothing for %s", a.Name)
		}
	}
	for _, command := range [][]string{{tool, "./native"}, {"go", "vet", "-vettool=" + tool, "./native"}} {
		out, exit := run(t, command[0], command[1:]...)
		if exit == 0 {
			t.Errorf("%v: exit code 0", command)
		}
		for _, finding := range findings {
			if !regexp.MustCompile(finding).MatchString(out) {
				t.Errorf("%v: want %q among the findings:\n%s", command, finding, out)
			}
		}
	}
}

func TestNothingFoundIsSilentAndSucceeds(t *testing.T) {
	tool := build(t)
	for _, command := range [][]string{
		{tool, "./correct"},
		{"go", "vet", "-vettool=" + tool, "./correct", "./helpers", "./web"},
		{tool, "-lostresult", "./mixed"},
	} {
		if out, exit := run(t, command[0], command[1:]...); exit != 0 || out != "" {
			t.Errorf("%v: exit code %d, output:\n%s", command, exit, out)
		}
	}
}

func TestEachAnalyzerExplainsItself(t *testing.T) {
	tool := build(t)
	for _, a := range vet.Analyzers() {
		name := a.Name
		out, exit := run(t, tool, "help", name)
		if exit != 0 || !strings.Contains(out, "Question:") || !strings.Contains(out, "Out of scope:") {
			t.Errorf("sessionvet help %s: exit code %d, output:\n%s", name, exit, out)
		}
	}
}
