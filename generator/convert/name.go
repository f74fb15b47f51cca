package convert

import (
	"strings"
	"unicode"
)

// snakeCase turns the name of a field into the key that it has without a tag: UserID → user_id. A run of capitals is
// one word, its last letter belongs to the next word if that goes on in lower case (HTTPServer → http_server), and the
// plural of an initialism stays whole (UserIDs → user_ids). Digits end no word, a capital after them begins one.
func snakeCase(name string) string {
	runes := []rune(name)
	var key strings.Builder
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) && runes[i-1] != '_' &&
			(!unicode.IsUpper(runes[i-1]) || beginsWord(runes[i+1:])) {
			key.WriteByte('_')
		}
		key.WriteRune(unicode.ToLower(r))
	}
	return key.String()
}

// beginsWord tells from the letters after a capital whether it begins a word of its own: lower case that is not just
// the s of a plural.
func beginsWord(rest []rune) bool {
	if len(rest) == 0 || !unicode.IsLower(rest[0]) {
		return false
	}
	plural := rest[0] == 's' && (len(rest) == 1 || !unicode.IsLower(rest[1]))
	return !plural
}
