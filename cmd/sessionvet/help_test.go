package main

import (
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/generator/vet"
)

func asksFor(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs strings.Builder
	asked, code := help(&out, &errs, args, vet.Analyzers())
	if !asked {
		t.Fatalf("%q does not ask for help", args)
	}
	return out.String(), errs.String(), code
}

func TestHelpIsWrittenForItsUser(t *testing.T) {
	all, _, _ := asksFor(t, "help")
	for _, want := range []string{"sessionvet finds mistakes", "Examples:", "Exit codes: 0 ", "-vettool"} {
		if !strings.Contains(all, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	for _, raw := range []string{"deprecated", "cpuprofile", "debug", "%!"} {
		if strings.Contains(all, raw) {
			t.Errorf("it says %q", raw)
		}
	}
	for _, a := range vet.Analyzers() {
		if !strings.Contains(all, "\t"+a.Name+" ") {
			t.Errorf("it does not list %s", a.Name)
		}
		one, _, code := asksFor(t, "help", a.Name)
		if code != 0 || !strings.HasPrefix(one, a.Name+": ") || strings.Contains(one, "Analyzer flags") {
			t.Errorf("help %s: %d, %s", a.Name, code, one)
		}
	}
	for _, args := range [][]string{{"-h"}, {"-help"}, {"--help"}, {"-unsaved", "-h"}, {"-fix", "-h", "./..."}} {
		if same, _, code := asksFor(t, args...); code != 0 || same != all {
			t.Errorf("%q says something else", args)
		}
	}
	for _, args := range [][]string{nil, {"-unsaved"}, {"-fix", "-diff"}} {
		if out, said, code := asksFor(t, args...); code != 1 || out != "" || said != all {
			t.Errorf("%q, without packages: %d, %q, %q", args, code, out, said)
		}
	}
	if out, said, code := asksFor(t, "help", "unsavd"); code != 1 || out != "" || !strings.Contains(said, "unsavd") {
		t.Errorf("of an analyzer that there is not: %d, %q, %q", code, out, said)
	}
}

func TestOnlyAQuestionForHelpIsAnswered(t *testing.T) {
	for _, args := range [][]string{{"./..."}, {"-V=full"}, {"-flags"}, {"-unsaved", "./web"}, {"unit.cfg"}} {
		if asked, _ := help(nil, nil, args, nil); asked {
			t.Errorf("%q was taken for one", args)
		}
	}
}
