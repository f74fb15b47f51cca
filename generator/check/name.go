package check

import (
	"cmp"
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// sessionMethods are the methods that every session type has.
var sessionMethods = [...]string{"Save", "Renew", "Destroy", "Meta", "Snapshot", "String", "Format", "GoString", "LogValue"}

// privateNames are the fields and methods that the generated code keeps to itself on a session type.
var privateNames = [...]string{"core", "field"}

// Methods returns the names of the methods of a session type, its unexported names included.
func Methods(w *schema.Wrapper) []string {
	names := slices.Concat(sessionMethods[:], privateNames[:])
	for _, f := range w.Fields {
		names = append(names, Accessors(f)...)
	}
	return names
}

// Accessors returns the names of the methods that are generated for a field.
func Accessors(f *schema.Field) []string {
	names := []string{"Set" + f.Name, "Has" + f.Name, "Clear" + f.Name}
	if f.Flash {
		names = append(names, "Take"+f.Name)
	} else {
		names = append(names, f.Name)
	}
	if f.Counter {
		names = append(names, "Add"+f.Name, "Count"+f.Name)
	}
	switch f.Type.Kind {
	case schema.KindSlice:
		names = append(names, "Append"+f.Name)
	case schema.KindMap:
		names = append(names, "Lookup"+f.Name, "Put"+f.Name, "Delete"+f.Name)
	}
	return names
}

// accessors sees that no two methods of a session have one name, those included that the package itself declares on it.
func accessors(w *schema.Wrapper) []diag.Diagnostic {
	var found []diag.Diagnostic
	owner := map[string]string{}
	for _, name := range sessionMethods {
		owner[name] = "every session has"
	}
	for _, name := range slices.Concat(sessionMethods[:], privateNames[:]) {
		if pos, ok := w.Methods[name]; ok {
			found = append(found, diag.At(pos, "%s is generated for every session: give this method another name", name))
		}
	}
	for _, f := range w.Fields {
		if message := getterFault(f); message != "" {
			found = append(found, diag.At(f.Pos, "%s", message))
			continue
		}
		for _, name := range Accessors(f) {
			if taken, ok := owner[name]; ok {
				found = append(found, diag.At(f.Pos, "field %s would need the method %s, which %s: rename the field", dotted(f), name, taken))
				break // one new name settles all
			}
		}
		for _, name := range Accessors(f) {
			if _, ok := owner[name]; ok {
				continue
			}
			owner[name] = fmt.Sprintf("field %s has", dotted(f))
			if pos, ok := w.Methods[name]; ok {
				found = append(found, diag.At(pos, "%s is generated for field %s: give this method another name", name, f.Name))
			}
		}
	}
	return found
}

// getterFault says why a field's getter would be taken for something else by its name, or nothing.
func getterFault(f *schema.Field) string {
	if f.Flash {
		return ""
	}
	isString := f.Type.Kind == schema.KindString && !f.Type.Named || f.Type.Kind == schema.KindJSON && f.Type.Expr.Text == "string"
	if f.Name == "Error" && isString {
		return fmt.Sprintf("field %s would make the session an error, which fmt and loggers print by this field alone: rename the field", dotted(f))
	}
	if of := wellKnown[f.Name]; of != "" {
		return fmt.Sprintf("field %s would need the method %s, which go vet takes for that of %s and refuses: rename the field", dotted(f), f.Name, of)
	}
	return ""
}

// wellKnown are the methods of interfaces that no getter can be mistaken for without a complaint of go vet (its analyzer
// stdmethods), with the interface that each is known from.
var wellKnown = map[string]string{
	"GobDecode":     "gob.GobDecoder",
	"GobEncode":     "gob.GobEncoder",
	"MarshalJSON":   "json.Marshaler",
	"MarshalXML":    "xml.Marshaler",
	"ReadByte":      "io.ByteReader",
	"ReadRune":      "io.RuneReader",
	"UnmarshalJSON": "json.Unmarshaler",
	"UnmarshalXML":  "xml.Unmarshaler",
	"UnreadByte":    "io.ByteScanner",
	"UnreadRune":    "io.RuneScanner",
	"WriteByte":     "io.ByteWriter",
}

// wrappers sees that the session types, and what is declared with them, have names of their own in the package.
func wrappers(pkg *schema.Package) []diag.Diagnostic {
	var found []diag.Diagnostic
	taken := map[string]string{}
	for _, w := range allWrappers(pkg) {
		if message := nameFault(pkg, w, taken); message != "" {
			found = append(found, diag.At(w.Pos, "%s", message))
			continue
		}
		for _, name := range declared(w) {
			taken[name] = w.Struct
		}
	}
	return append(found, apart(pkg)...)
}

func nameFault(pkg *schema.Package, w *schema.Wrapper, taken map[string]string) string {
	switch w.Name {
	case "":
		return fmt.Sprintf("the name %s leaves none for the session type: call the struct SessionSchema, or write //sessiongen:schema Session", w.Struct)
	case w.Struct:
		return fmt.Sprintf("the session type would have the name of its own struct: call the struct %sSchema, or name the session type, as in //sessiongen:schema %s", w.Struct, another(w))
	}
	if !token.IsExported(w.Name) && token.IsIdentifier(w.Name) {
		return fmt.Sprintf("the session type would be %s, which is not exported: name it with an upper-case letter first, as in //sessiongen:schema Session", w.Name)
	}
	for _, name := range declared(w) {
		if pos, ok := pkg.Scope[name]; ok {
			return fmt.Sprintf("the generated code would declare %s, which %s declares: rename one, or name the session type, as in //sessiongen:schema %s", name, short(pos), another(w))
		}
		if by, ok := taken[name]; ok {
			return fmt.Sprintf("the generated code would declare %s twice, once for %s: name the session type, as in //sessiongen:schema %s", name, by, another(w))
		}
	}
	return ""
}

// declared returns the exported names that are generated for a schema.
func declared(w *schema.Wrapper) []string {
	return []string{w.Name, w.Manager(), w.Constructor()}
}

// another returns a name that a session type might have instead.
func another(w *schema.Wrapper) string {
	if w.Name == "Session" {
		return "UserSession"
	}
	return strings.TrimSuffix(w.Name, "Session") + "Session"
}

func allWrappers(pkg *schema.Package) []*schema.Wrapper {
	var all []*schema.Wrapper
	for _, f := range pkg.Files {
		all = append(all, f.Wraps...)
	}
	slices.SortStableFunc(all, func(a, b *schema.Wrapper) int {
		return cmp.Or(cmp.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Offset, b.Pos.Offset))
	})
	return all
}

// plain writes a type as a person would, with the names of packages for their paths.
func plain(t *schema.Type) string {
	text := t.Expr.Text
	for _, imp := range t.Expr.Imports {
		text = strings.ReplaceAll(text, "«"+imp.Path+"»", imp.Name)
	}
	return text
}

// dotted writes a field as it is selected from the schema, so that promoted fields of one name can be told apart.
func dotted(f *schema.Field) string {
	var names []string
	for _, s := range f.Path {
		names = append(names, s.Name)
	}
	return strings.Join(names, ".")
}

func short(pos token.Position) string {
	return fmt.Sprintf("%s:%d", filepath.Base(pos.Filename), pos.Line)
}
