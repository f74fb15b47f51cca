package adopt

import (
	"go/token"
	"strings"
	"unicode"

	"github.com/sessiongen/sessiongen/generator/schema"
)

// words splits a key, or a name in a program, into words in lower case: oauth_state, codeVerifier, LOGIN_USER.
func words(text string) []string {
	var all []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			all = append(all, strings.ToLower(string(word)))
			word = nil
		}
	}
	runes := []rune(text)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]) && unicode.IsUpper(runes[i-1])):
			flush()
		}
		word = append(word, r)
	}
	flush()
	return all
}

var initialisms = setOf("acl", "api", "css", "csrf", "dn", "dns", "html", "http", "https", "id", "ip", "json", "jwt", "mfa", "oidc", "otp",
	"pkce", "rbac", "rpc", "saml", "sku", "sql", "ssh", "sso", "totp", "ui", "uid", "uri", "url", "utc", "uuid", "xml")

func setOf(names ...string) map[string]bool {
	set := map[string]bool{}
	for _, n := range names {
		set[n] = true
	}
	return set
}

// spelled are words that have a spelling of their own in Go.
var spelled = map[string]string{"userid": "UserID", "ids": "IDs", "urls": "URLs", "oauth": "OAuth", "webauthn": "WebAuthn"}

// reserved are names that no field can have.
var reserved = reservedNames()

func reservedNames() map[string]bool {
	names := setOf("Error") // a session with this method would be an error
	for m := range schema.Methods(&schema.Wrapper{}) {
		names[m.Name] = true
	}
	return names
}

// fieldName makes the name of a field of a key, or of the constant's name if the key does not begin like one.
func fieldName(text, said string) string {
	name := camel(words(text))
	if !token.IsExported(name) {
		for _, end := range []string{"Key", "key"} {
			said = strings.TrimSuffix(said, end)
		}
		if said := camel(words(said)); len(said) > 1 {
			name = said
		}
		if !token.IsExported(name) {
			name = "Key" + name
		}
	}
	if reserved[name] {
		name += "Value"
	}
	return name
}

func camel(words []string) string {
	var name strings.Builder
	for _, w := range words {
		switch {
		case spelled[w] != "":
			name.WriteString(spelled[w])
		case initialisms[w]:
			name.WriteString(strings.ToUpper(w))
		default:
			r := []rune(w)
			name.WriteString(string(unicode.ToUpper(r[0])) + string(r[1:]))
		}
	}
	return name.String()
}

// giveNames names the fields of a session, each by a name of its own.
func giveNames(s *session) {
	taken := map[string]bool{}
	for _, k := range s.keys {
		text := k.text
		if k.hole != nil {
			text = verb.ReplaceAllString(text, "")
		}
		name := fieldName(text, k.said)
		for taken[name] {
			name += "2"
		}
		taken[name] = true
		k.name = name
	}
}
