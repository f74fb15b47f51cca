package check

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"

	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/schema"
	"github.com/sessiongen/sessiongen/internal/kebab"
)

// apart checks that the schemas of a package have sessions of their own: no identity and no default name of a cookie
// twice. Two managers with one cookie name would throw out each other's visitors.
func apart(pkg *schema.Package) []diag.Diagnostic {
	var found []diag.Diagnostic
	cookies, identities := map[string]*schema.Wrapper{}, map[string]*schema.Wrapper{}
	for _, w := range allWrappers(pkg) {
		if !token.IsIdentifier(w.Name) {
			continue // reported already, as two of one name are
		}
		if by := identities[w.Identity]; by != nil && by.Name != w.Name {
			found = append(found, diag.At(w.Pos,
				"id=%s is that of %s: give each schema one of its own", w.Identity, by.Struct))
		}
		identities[w.Identity] = w
		cookie := kebab.Of(w.Name)
		if by := cookies[cookie]; by != nil && by.Name != w.Name {
			found = append(found, diag.At(w.Pos,
				"the session types %s and %s would have one default cookie name, %q: give one of them another name "+
					"in its directive",
				by.Name, w.Name, cookie))
		}
		cookies[cookie] = w
	}
	return found
}

// changedIdentities compares the schemas of a file with the identities in the code that its output replaces. A schema
// has another identity if its package has moved or its session type has a new name. Then all its sessions end, unless
// id= names the old identity. Old code that cannot be parsed is passed over.
func changedIdentities(f *schema.File, old []byte) []diag.Diagnostic {
	before := identitiesOf(old)
	var changed []*schema.Wrapper
	for _, w := range f.Wraps {
		if _, same := before[w.Identity]; !same {
			changed = append(changed, w)
		}
		delete(before, w.Identity)
	}
	alone := len(changed) == 1 && len(before) == 1 // struct and session type have new names, and nothing else is left
	var notes []diag.Diagnostic
	for _, w := range changed {
		for identity, was := range before {
			if was.name == w.Name || was.structName == w.Struct || alone {
				notes = append(notes, diag.NoteAt(w.Pos,
					"the sessions of %s were those of %q: all of them end when this is deployed; to keep them, "+
						"write //sessiongen:schema %s %s%s",
					w.Name, identity, w.Name, idArgument(identity), cookieAdvice(was.name, w.Name)))
			}
		}
	}
	return notes
}

// cookieAdvice says what else a session type with a new name must keep: the cookie's name is part of every key, and by
// default made of the type's.
func cookieAdvice(was, name string) string {
	if kebab.Of(was) == kebab.Of(name) {
		return ""
	}
	return fmt.Sprintf(", and give Config.Cookie.Name the old one (__Host-%s by default)", kebab.Of(was))
}

// idArgument writes an identity as an argument of the directive.
func idArgument(identity string) string {
	for _, c := range identity {
		if c == ' ' || c == '"' || c == '`' {
			return strconv.Quote("id=" + identity)
		}
	}
	return "id=" + identity
}

// A generatedSchema holds the names that an output gives of one schema.
type generatedSchema struct{ name, structName string }

// identitiesOf reads the schemas in generated code, the composite literals of session.Schema, by their identities.
func identitiesOf(src []byte) map[string]generatedSchema {
	found := map[string]generatedSchema{}
	file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil {
		return found
	}
	structs := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			if st, ok := n.Type.(*ast.StructType); ok && len(st.Fields.List) > 0 {
				if of, ok := st.Fields.List[0].Type.(*ast.IndexExpr); ok {
					if name, ok := of.Index.(*ast.Ident); ok {
						structs[n.Name.Name] = name.Name
					}
				}
			}
		case *ast.CompositeLit:
			elements := keyed(n)
			identity := unquote(elements["Identity"])
			if identity != "" {
				found[identity] = generatedSchema{name: unquote(elements["Name"])}
			}
		}
		return true
	})
	for identity, s := range found {
		s.structName = structs[s.name]
		found[identity] = s
	}
	return found
}
