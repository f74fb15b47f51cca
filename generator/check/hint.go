package check

import (
	"strings"

	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// Hints says what a schema might have, for whoever wants to know more than what is wrong.
func Hints(pkg *schema.Package) []diag.Diagnostic {
	var found []diag.Diagnostic
	for _, w := range allWrappers(pkg) {
		for _, f := range w.Fields {
			if w.Owner() == nil && mayOwn(f) {
				found = append(found, diag.NoteAt(optionPos(f, "renew"),
					"field %s looks like whose the session is: with owner instead of renew, %s lists and ends an account's "+
						"sessions", dotted(f), w.OwnerFunction()))
				break
			}
		}
	}
	return found
}

// mayOwn reports whether a field that renews the session could be its owner, by its name and by its type.
func mayOwn(f *schema.Field) bool {
	if !f.Renew || f.TTL > 0 || f.JSON || !names(f.Type) {
		return false
	}
	name := strings.ToLower(f.Name)
	for _, word := range []string{"user", "account", "uid", "login", "principal"} {
		if strings.Contains(name, word) || strings.Contains(strings.ToLower(f.Key), word) {
			return true
		}
	}
	return false
}
