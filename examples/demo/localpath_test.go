package demo

import "testing"

func TestTheLoginLeadsNowhereElse(t *testing.T) {
	for _, next := range []string{
		"", "https://evil.example/", "//evil.example/", `/\evil.example`, "/\t/evil.example", "/ /evil.example", "javascript:alert(1)", "evil",
	} {
		if got := LocalPath(next); got != "/" {
			t.Errorf("LocalPath(%q) = %q", next, got)
		}
	}
	if got := LocalPath("/a/b?c=d"); got != "/a/b?c=d" {
		t.Errorf("a path of the site becomes %q", got)
	}
}
