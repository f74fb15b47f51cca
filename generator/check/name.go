package check

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// methods checks that no two methods of a session have one name, those included that the package itself declares on it.
func methods(w *schema.Wrapper) []diag.Diagnostic {
	var found []diag.Diagnostic
	if pos, ok := w.Methods[schema.CoreField]; ok {
		found = append(found, takenBySession(pos, schema.CoreField))
	}
	owner := map[string]string{}
	reported := map[*schema.Field]bool{} // one new name for the field ends all its collisions
	for m := range schema.Methods(w) {
		declaredAt, declared := w.Methods[m.Name]
		if m.Field == nil {
			owner[m.Name] = "every session has"
			if declared {
				found = append(found, takenBySession(declaredAt, m.Name))
			}
			continue
		}
		if m.Kind == schema.MethodGet {
			if message := getterFault(m.Field); message != "" {
				found = append(found, diag.At(m.Field.Pos, "%s", message))
				reported[m.Field] = true
			}
		}
		switch by, taken := owner[m.Name]; {
		case reported[m.Field]:
		case taken:
			found = append(found, diag.At(m.Field.Pos,
				"field %s would need the method %s, which %s: rename the field", dotted(m.Field), m.Name, by))
			reported[m.Field] = true
		default:
			owner[m.Name] = fmt.Sprintf("field %s has", dotted(m.Field))
			if declared {
				found = append(found, diag.At(declaredAt,
					"%s is generated for field %s: give this method another name", m.Name, m.Field.Name))
			}
		}
	}
	return found
}

func takenBySession(pos token.Position, name string) diag.Diagnostic {
	return diag.At(pos, "%s is generated for every session: give this method another name", name)
}

// getterFault says why a field's getter would be taken for something else by its name, or nothing.
func getterFault(f *schema.Field) string {
	isString := f.Type.Kind == schema.KindString && !f.Type.Named ||
		f.Type.Kind == schema.KindJSON && f.Type.Expr.Text == "string"
	if f.Name == "Error" && isString {
		return fmt.Sprintf("field %s would make the session an error, which fmt and loggers print by this field "+
			"alone: rename the field", dotted(f))
	}
	if of := wellKnown[f.Name]; of != "" {
		return fmt.Sprintf("field %s would need the method %s, which go vet takes for that of %s and refuses: "+
			"rename the field", dotted(f), f.Name, of)
	}
	return ""
}

// wellKnown are methods of well-known interfaces, with the interface of each. go vet (its analyzer stdmethods) refuses
// a getter of such a name.
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

// wrappers checks that the session types, their managers and constructors have names that nothing else in the package
// has.
func wrappers(pkg *schema.Package) []diag.Diagnostic {
	var found []diag.Diagnostic
	taken := map[string]string{}
	for _, w := range allWrappers(pkg) {
		if message := nameFault(pkg, w, taken); message != "" {
			found = append(found, diag.At(w.Pos, "%s", message))
			continue
		}
		for _, name := range w.Declared() {
			taken[name] = w.Struct
		}
	}
	return found
}

func nameFault(pkg *schema.Package, w *schema.Wrapper, taken map[string]string) string {
	switch w.Name {
	case "":
		return fmt.Sprintf("the name %s leaves none for the session type: call the struct SessionSchema, or write "+
			"//sessiongen:schema Session", w.Struct)
	case w.Struct:
		return fmt.Sprintf("the session type would have the name of its own struct: call the struct %sSchema, or "+
			"name the session type, as in //sessiongen:schema %s", w.Struct, another(w))
	}
	if !token.IsExported(w.Name) && token.IsIdentifier(w.Name) {
		return fmt.Sprintf("the session type would be %s, which is not exported: name it with an upper-case letter "+
			"first, as in //sessiongen:schema Session", w.Name)
	}
	for _, name := range w.Declared() {
		if pos, ok := pkg.Scope[name]; ok {
			return fmt.Sprintf("the generated code would declare %s, which %s declares: rename one, or name the "+
				"session type, as in //sessiongen:schema %s", name, diag.Short(pos), another(w))
		}
		if by, ok := taken[name]; ok {
			return fmt.Sprintf("the generated code would declare %s twice, once for %s: name the session type, as "+
				"in //sessiongen:schema %s", name, by, another(w))
		}
	}
	return ""
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
