package parse

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wrapperName is the session type's name if the directive gives none: the struct's name less one trailing
// Schema, Fields or Data, first letter upper case. It may be empty.
func wrapperName(structName string) string {
	for _, suffix := range []string{"Schema", "Fields", "Data"} {
		if base, found := strings.CutSuffix(structName, suffix); found {
			return upperFirst(base)
		}
	}
	return upperFirst(structName)
}

func upperFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[size:]
}
