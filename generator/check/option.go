package check

import (
	"go/token"

	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// options checks the options of one field against each other and against its type. Of several pairs that exclude each
// other the first is reported: one of the two options has to go, and often the other pairs go with it.
func options(f *schema.Field) []diag.Diagnostic {
	var found []diag.Diagnostic
	for _, rule := range exclusions {
		if rule.first(f) && rule.second(f) {
			found = append(found, diag.At(later(f, rule.names),
				"options %s and %s exclude each other: %s", rule.names[0], rule.names[1], rule.why))
			break
		}
	}
	if f.Type.Kind == schema.KindInvalid {
		return found
	}
	if f.Counter && !f.JSON && f.Type.Kind != schema.KindInt && f.Type.Kind != schema.KindUint {
		found = append(found, diag.At(optionPos(f, "counter"),
			"option counter needs an integer, not %s: make the field an int64, or remove the option", plain(f.Type)))
	}
	if f.Owner > 0 && !f.JSON && !names(f.Type) {
		found = append(found, diag.At(optionPos(f, "owner"),
			"option owner needs a string, an integer, or a comparable type with a marshaler, such as uuid.UUID, not %s: "+
				"mark the field that has the account's number or name", plain(f.Type)))
	}
	if f.Max > 0 && !f.JSON && !bounded(f.Type.Kind) {
		found = append(found, diag.At(optionPos(f, "max"),
			"option max needs a string, []byte, slice or map, not %s: remove it", plain(f.Type)))
	}
	return found
}

type exclusion struct {
	names         [2]string
	first, second func(*schema.Field) bool
	why           string
}

var exclusions = []exclusion{
	{[2]string{"owner", "counter"}, hasOwner, hasCounter, "whose a session is cannot be counted up"},
	{[2]string{"owner", "flash"}, hasOwner, hasFlash, "whose a session is stays until it is set anew"},
	{[2]string{"owner", "ttl"}, hasOwner, hasTTL,
		"whose a session is holds for as long as it lives; Config.Lifetime bounds that"},
	{[2]string{"owner", "was"}, hasOwner, hasWas, "keep the key and rename the Go field only"},
	{[2]string{"owner", "json"}, hasOwner, hasJSON,
		"encoding/json may write one value in several ways, and each would be another owner"},
	{[2]string{"renew", "counter"}, hasRenew, hasCounter,
		"requests that add to one counter cannot each give the session a new id"},
	{[2]string{"renew", "flash"}, hasRenew, hasFlash, "a value that is read once cannot mark a change of privilege"},
	{[2]string{"counter", "flash"}, hasCounter, hasFlash, "a value that is read once has nothing to add to"},
	{[2]string{"counter", "json"}, hasCounter, hasJSON, "requests can add only to an integer that is stored as one"},
	{[2]string{"renew", "was"}, hasRenew, hasWas, "keep the key and rename the Go field only"},
	{[2]string{"secret", "was"}, hasSecret, hasWas, "keep the key and rename the Go field only"},
	{[2]string{"max", "json"}, hasMax, hasJSON, "the size of what encoding/json writes is not the size of the value"},
}

func hasOwner(f *schema.Field) bool   { return f.Owner > 0 }
func hasTTL(f *schema.Field) bool     { return f.TTL > 0 }
func hasRenew(f *schema.Field) bool   { return f.Renew }
func hasCounter(f *schema.Field) bool { return f.Counter }
func hasFlash(f *schema.Field) bool   { return f.Flash }
func hasSecret(f *schema.Field) bool  { return f.Secret }
func hasJSON(f *schema.Field) bool    { return f.JSON }
func hasMax(f *schema.Field) bool     { return f.Max > 0 }
func hasWas(f *schema.Field) bool     { return len(f.Was) > 0 }

// later returns the position of that one of two options which was written last.
func later(f *schema.Field, names [2]string) token.Position {
	a, b := optionPos(f, names[0]), optionPos(f, names[1])
	if a.Offset > b.Offset {
		return a
	}
	return b
}

// optionPos returns where an option stands, or the field if it is one of another package.
func optionPos(f *schema.Field, name string) token.Position {
	if pos, ok := f.TagPos[name]; ok {
		return pos
	}
	return f.Pos
}

// names reports whether equal values of a type are equal bytes, and no others, so that a value can name somebody.
func names(t *schema.Type) bool {
	switch t.Kind {
	case schema.KindString, schema.KindInt, schema.KindUint:
		return true
	case schema.KindBinary, schema.KindText:
		return t.Comparable
	}
	return false
}

// owners checks that at most one field of a schema says whose its sessions are.
func owners(w *schema.Wrapper) []diag.Diagnostic {
	var found []diag.Diagnostic
	for _, f := range w.Fields {
		if first := w.Owner(); f.Owner > 0 && f != first {
			found = append(found, diag.At(optionPos(f, "owner"),
				"option owner again: field %s says whose a session is, and a session is one owner's", dotted(first)))
		}
	}
	return found
}

func bounded(k schema.Kind) bool {
	switch k {
	case schema.KindString, schema.KindBytes, schema.KindSlice, schema.KindMap:
		return true
	}
	return false
}
