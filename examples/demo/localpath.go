package demo

import "strings"

// LocalPath returns where to go after the login: a path of this site, whatever the form was made to say. Browsers
// read a backslash as a slash and skip control characters, so that only printable paths pass.
func LocalPath(next string) string {
	if len(next) == 0 || next[0] != '/' || strings.HasPrefix(next, "//") {
		return "/"
	}
	for _, r := range next {
		if r <= ' ' || r == '\\' || r == 0x7f {
			return "/"
		}
	}
	return next
}
