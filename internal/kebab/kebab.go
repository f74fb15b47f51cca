// Package kebab makes the default name of a cookie from that of a session type. The runtime names the cookie by it,
// and the generator sees that no two of a package have one name.
package kebab

import (
	"strings"
	"unicode"
)

// Of turns AdminSession into admin-session and HTTPSession into http-session. Letters that no cookie's name can have
// are left out.
func Of(name string) string {
	var b strings.Builder
	rs := []rune(name)
	for i, r := range rs {
		if r > unicode.MaxASCII {
			continue
		}
		if unicode.IsUpper(r) && i > 0 && (!unicode.IsUpper(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])) && rs[i-1] != '_' {
			b.WriteByte('-')
		}
		if r == '_' {
			r = '-'
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.Trim(b.String(), "-")
}
