package check

import (
	"fmt"

	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// reservedKey is under what the runtime keeps whose a session is (record.OwnerKey), in sessions of any schema.
const reservedKey = "sessiongen.owner"

const reservedText = "%s is where the runtime keeps whose a session is: choose another key"

// keys checks that no older key is in use, be it as a key of today or as another older one. Two fields with one key are
// found earlier, when embedded structs are promoted.
func keys(w *schema.Wrapper) []diag.Diagnostic {
	var found []diag.Diagnostic
	user := map[string]string{}
	for _, f := range w.Fields {
		user[f.Key] = "the key of field " + f.Name
	}
	for _, f := range w.Fields {
		if f.Key == reservedKey {
			found = append(found, diag.At(optionPos(f, ""), reservedText, "key "+f.Key))
		}
		for _, old := range f.Was {
			switch {
			case old == reservedKey:
				found = append(found, diag.At(optionPos(f, "was="+old), reservedText, "was="+old))
			case old == f.Key:
				found = append(found, diag.At(optionPos(f, "was="+old),
					"was=%s names the field's own key: name the key that it had before, or remove the option", old))
			case user[old] != "":
				found = append(found, diag.At(optionPos(f, "was="+old),
					"was=%s names %s: two fields cannot be stored under one key", old, user[old]))
			default:
				user[old] = fmt.Sprintf("an older key of field %s", f.Name)
			}
		}
	}
	return found
}
