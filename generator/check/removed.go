package check

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"

	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// A fieldKeys is one line of a generated table of fields.
type fieldKeys struct {
	key string
	was []string
	typ string // how it is encoded, as far as the table says
}

// removedKeys compares the generated code of a file with the code that it replaces. Sessions that are under way lose
// the values of keys that only the old code reads: right for a field that was dropped, a mistake for one that was
// renamed. Old code that cannot be parsed is passed over.
func removedKeys(f *schema.File, old, generated []byte) []diag.Diagnostic {
	before, after := tables(old), tables(generated)
	var notes []diag.Diagnostic
	for _, w := range f.Wraps {
		constructor := w.Constructor()
		was, is := before[constructor], after[constructor]
		for _, line := range was {
			if !reads(is, line.key) {
				notes = append(notes, diag.NoteAt(w.Pos,
					"key %q is no longer read, so what sessions hold under it is lost%s", line.key,
					renameHint(candidates(w, line, was, is), line.key)))
			}
			for _, k := range line.was {
				if !reads(is, k) {
					notes = append(notes, diag.NoteAt(w.Pos,
						"older key %q is no longer read or written: right once no binary that knows only it has run "+
							"for one Lifetime", k))
				}
			}
		}
	}
	return notes
}

// candidates returns the fields to which a key that is gone may have been renamed: new ones that are encoded alike.
func candidates(w *schema.Wrapper, gone fieldKeys, before, after []fieldKeys) []*schema.Field {
	var added []*schema.Field
	for _, f := range w.Fields {
		alike := slices.ContainsFunc(after, func(l fieldKeys) bool { return l.key == f.Key && l.typ == gone.typ })
		old := reads(before, f.Key) || slices.ContainsFunc(f.Was, func(k string) bool { return reads(before, k) })
		if alike && !old {
			added = append(added, f)
		}
	}
	return added
}

// renameHint names the way out of a rename, with the field if there is just one that comes into question.
func renameHint(added []*schema.Field, key string) string {
	switch {
	case len(added) == 0:
		return ""
	case len(added) > 1:
		return "; if it was renamed, add was=" + key + " to the field's tag"
	}
	f := added[0]
	renamed := fmt.Sprintf("; if it was renamed to %q, ", f.Key)
	if f.Renew || f.Secret {
		return renamed + "keep the key in the tag of field " + f.Name + ": was= does not suit renew or secret"
	}
	return renamed + "add was=" + key + " to the tag of field " + f.Name
}

func reads(table []fieldKeys, key string) bool {
	return slices.ContainsFunc(table, func(l fieldKeys) bool { return l.key == key || slices.Contains(l.was, key) })
}

// tables reads the tables of fields in generated code, the composite literals of record.Field, by the constructor that
// names them: the name of a table depends on which names were free.
func tables(src []byte) map[string][]fieldKeys {
	found := map[string][]fieldKeys{}
	file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil {
		return found
	}
	byVariable := fieldTables(file)
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Body != nil {
			ast.Inspect(f.Body, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && byVariable[id.Name] != nil {
					found[f.Name.Name] = byVariable[id.Name]
				}
				return true
			})
		}
	}
	return found
}

func fieldTables(file *ast.File) map[string][]fieldKeys {
	found := map[string][]fieldKeys{}
	for _, decl := range file.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.VAR {
			continue
		}
		for _, spec := range d.Specs {
			spec := spec.(*ast.ValueSpec)
			if len(spec.Names) != 1 || len(spec.Values) != 1 {
				continue
			}
			lit, ok := spec.Values[0].(*ast.CompositeLit)
			if ok && isFieldTable(lit.Type) {
				found[spec.Names[0].Name] = tableLines(lit)
			}
		}
	}
	return found
}

func isFieldTable(t ast.Expr) bool {
	array, ok := t.(*ast.ArrayType)
	if !ok {
		return false
	}
	sel, ok := array.Elt.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Field"
}

func tableLines(table *ast.CompositeLit) []fieldKeys {
	var lines []fieldKeys
	for _, elt := range table.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			elt = kv.Value
		}
		lit, ok := elt.(*ast.CompositeLit)
		if !ok {
			continue
		}
		row := keyed(lit)
		line := fieldKeys{key: unquote(row["Key"]), typ: types.ExprString(row["Type"])}
		if list, ok := row["Was"].(*ast.CompositeLit); ok {
			for _, old := range list.Elts {
				line.was = append(line.was, unquote(old))
			}
		}
		lines = append(lines, line)
	}
	return lines
}
