package convert

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sessiongen/sessiongen/generator/diag"
)

// A Tag is the text of session:"key,option,…", taken apart but not yet understood.
type Tag struct {
	Found   bool
	skip    bool // session:"-"
	key     string
	KeyAt   int // where the key stands or would stand, as an offset in the whole struct tag
	Options []Option
}

// An Option is one word behind the key.
type Option struct {
	Name, Value string
	hasValue    bool
	At          int
}

// A fault is a mistake in a struct tag, at an offset in it.
type fault struct {
	At      int
	Message string
}

// maxKey bounds a key: it is repeated in every stored session.
const maxKey = 64

const malformed = "malformed struct tag: write it as `session:\"key,option\"`, and other tags beside it in the same " +
	"form with a space between them"

// HasTag reports whether a struct tag has one of a session, and whether that has options, which nothing but a field
// of a schema may have.
func HasTag(text string) (found, options bool) {
	t, _ := parseTag(text)
	return t.Found, len(t.Options) > 0
}

// parseTag finds the session tag among the others. It follows the convention of reflect.StructTag, where a tag that
// breaks it hides all that stand behind it; here that is a fault if a session tag is hidden.
func parseTag(text string) (Tag, []fault) {
	var t Tag
	var faults []fault
	rest, at := text, 0
	advance := func(n int) { rest, at = rest[n:], at+n }
	for {
		advance(len(rest) - len(strings.TrimLeft(rest, " ")))
		if rest == "" {
			return t, faults
		}
		name := rest[:tagNameLen(rest)]
		value, quoted := quotedPrefix(strings.TrimPrefix(rest[len(name):], ":"))
		if name == "" || !strings.HasPrefix(rest[len(name):], `:"`) || !quoted {
			if i := sessionIn(rest); i >= 0 {
				faults = append(faults, fault{At: at + i, Message: malformed})
			}
			return t, faults
		}
		valueAt := at + len(name) + len(`:"`)
		switch {
		case name == "session" && t.Found:
			faults = append(faults, fault{
				At: at, Message: "session tag given twice: write one, with all options in it",
			})
		case name == "session":
			var more []fault
			t, more = parseValue(value[1:len(value)-1], valueAt)
			faults = append(faults, more...)
		case separatedSession(name):
			faults = append(faults, fault{At: at + strings.IndexAny(strings.ToLower(name), "s"), Message: malformed})
		case looksLikeSession(strings.ToLower(name)):
			faults = append(faults, fault{At: at, Message: fmt.Sprintf("unknown tag %q: did you mean session?", name)})
		}
		advance(len(name) + 1 + len(value))
	}
}

func parseValue(value string, at int) (Tag, []fault) {
	t := Tag{Found: true, KeyAt: at}
	if strings.Contains(value, `\`) {
		return t, []fault{{
			At: at, Message: "a session tag takes no escapes: write the key as it is, without quotes and backslashes",
		}}
	}
	var faults []fault
	parts := strings.Split(value, ",")
	t.key = parts[0]
	at += len(t.key) + 1
	for _, part := range parts[1:] {
		name, v, hasValue := strings.Cut(part, "=")
		t.Options = append(t.Options, Option{name, v, hasValue, at})
		at += len(part) + 1
	}
	if t.key == "-" {
		t.skip = true
		if len(t.Options) > 0 {
			faults = append(faults, fault{
				At:      t.Options[0].At,
				Message: "`session:\"-\"` leaves the field out, so options have no effect: remove them or the -",
			})
		}
		return t, faults
	}
	if message := keyFault(t.key); t.key != "" && message != "" {
		faults = append(faults, fault{At: t.KeyAt, Message: message})
		t.key = ""
	}
	return t, faults
}

// keyFault describes the fault of a key, or returns nothing. A legal key has 1 to 64 bytes, printable and without
// space, quote, backslash and =.
func keyFault(key string) string {
	if name, _, assigned := strings.Cut(key, "="); assigned {
		if isOption(name) {
			return fmt.Sprintf("%q stands where the key belongs: write a comma before it, as in `session:\",%s\"`",
				key, key)
		}
		return fmt.Sprintf("key %q contains =, behind which an option has its value: use another character", key)
	}
	if strings.TrimSpace(key) != key {
		return fmt.Sprintf("key %q begins or ends with a space: remove it", key)
	}
	if key == "" {
		return "empty key: name one"
	}
	if len(key) > maxKey {
		return fmt.Sprintf("key of %d bytes: at most %d are allowed, since every stored session repeats it",
			len(key), maxKey)
	}
	if !utf8.ValidString(key) {
		return fmt.Sprintf("key %q is not valid UTF-8: write it as text", key)
	}
	for _, r := range key {
		if !unicode.IsGraphic(r) || unicode.IsSpace(r) || strings.ContainsRune("\"'`\\", r) {
			return fmt.Sprintf("key %q contains %q: use letters, digits and marks such as _ - . : /", key, r)
		}
	}
	return ""
}

// looksLikeSession recognises slips in the name of our tag. Two edits away there are other words, such as version.
func looksLikeSession(name string) bool {
	if name == "session" {
		return true
	}
	near := diag.Closest(name, "session") != ""
	return near && (strings.HasPrefix(name, "ses") || sameLetters(name, "session"))
}

// sameLetters reports whether two words consist of the same letters, however often and in any order.
func sameLetters(a, b string) bool {
	return strings.Trim(a, b) == "" && strings.Trim(b, a) == ""
}

func tagNameLen(s string) int {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c == ':' || c == '"' || c == 0x7f {
			return i
		}
	}
	return len(s)
}

// quotedPrefix returns the string literal at the beginning of s, quotes included.
func quotedPrefix(s string) (string, bool) {
	if s == "" || s[0] != '"' {
		return "", false
	}
	literal, err := strconv.QuotedPrefix(s)
	return literal, err == nil
}

// sessionIn finds the text that may have been meant as a session tag in a struct tag that is malformed from here on.
func sessionIn(s string) int {
	for i := range s {
		if i > 0 && s[i-1] != ' ' && s[i-1] != '"' {
			continue
		}
		word, _, _ := strings.Cut(s[i:i+tagNameLen(s[i:])], "=")
		if strings.EqualFold(word, "session") || separatedSession(word) {
			return i
		}
	}
	return -1
}

// separatedSession recognises our tag behind a separator other than a space, which package reflect takes for a part of
// the Name: json:"a",session:"b".
func separatedSession(name string) bool {
	word := strings.TrimLeft(name, ",;&|")
	return word != name && strings.EqualFold(word, "session")
}
