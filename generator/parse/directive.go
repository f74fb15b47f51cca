package parse

import (
	"go/ast"
	"go/token"
	"regexp"
	"strings"

	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/load"
)

// A directive is a //sessiongen:schema above a type declaration.
type directive struct {
	ast.Directive
	file *load.File
	spec *ast.TypeSpec
	doc  *ast.CommentGroup
}

// directives finds the schemas of a file, in source order, and reports comments that only look like a directive.
func (r *reader) directives(f *load.File) []*directive {
	specs, groups := documented(f.Syntax)
	var found []*directive
	strays := false
	for _, doc := range f.Syntax.Comments {
		var marked *directive
		for _, comment := range doc.List {
			d, ok := ast.ParseDirective(comment.Pos(), comment.Text)
			if !ok || d.Tool != "sessiongen" || d.Name != "schema" {
				r.misspelt(comment, d)
				continue
			}
			switch {
			case f.InBody(comment.Pos()) && len(f.SyntaxErrors()) > 0:
				strays = true // a brace too many above, more likely than not
			case f.InBody(comment.Pos()):
				r.say(comment.Pos(), "a schema stands at package level: move the struct out of the function")
			case groups[doc]:
				r.say(comment.Pos(),
					"the directive stands above a group of types: move it into the group, directly above the struct")
			case specs[doc] == nil:
				strays = true
				if len(f.SyntaxErrors()) == 0 {
					r.say(comment.Pos(),
						"the directive marks nothing: put it into the comment directly above a struct, without a "+
							"blank line between")
				}
			case marked != nil:
				r.say(comment.Pos(), "the directive is given twice for %s: remove one", marked.spec.Name.Name)
			default:
				marked = &directive{d, f, specs[doc], doc}
				found = append(found, marked)
			}
		}
	}
	r.syntaxErrors(f, found, strays)
	return found
}

// documented returns the type declarations of a file by their comments, and the comments of groups of declarations.
func documented(f *ast.File) (specs map[*ast.CommentGroup]*ast.TypeSpec, groups map[*ast.CommentGroup]bool) {
	specs, groups = map[*ast.CommentGroup]*ast.TypeSpec{}, map[*ast.CommentGroup]bool{}
	for _, decl := range f.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.TYPE {
			continue
		}
		if d.Lparen.IsValid() && d.Doc != nil {
			groups[d.Doc] = true
		}
		for _, spec := range d.Specs {
			spec := spec.(*ast.TypeSpec)
			if doc := spec.Doc; doc != nil {
				specs[doc] = spec
			} else if d.Doc != nil && !d.Lparen.IsValid() {
				specs[d.Doc] = spec
			}
		}
	}
	return specs, groups
}

// syntaxErrors reports the first syntax error of a file if it may hide or distort a schema. One in a function does not.
func (r *reader) syntaxErrors(f *load.File, found []*directive, strays bool) {
	errs := f.SyntaxErrors()
	if len(errs) == 0 {
		return
	}
	hidden := strays || len(f.Syntax.Comments) == 0 && strings.Contains(string(f.Source), "sessiongen:schema")
	for _, e := range errs {
		within := func(d *directive) bool {
			end := min(d.spec.End(), f.Syntax.FileEnd) // a spec without an end ends behind the file
			from, to := r.pkg.Position(d.spec.Pos()), r.pkg.Position(end)
			return from.Line <= e.Pos.Line && e.Pos.Line <= to.Line
		}
		for _, d := range found {
			hidden = hidden || within(d)
		}
		if hidden {
			r.found = append(r.found, diag.At(e.Pos, "%s", e.Msg))
			return
		}
	}
}

// lookalike matches a comment that is one line with the shape of our directive: a word, a colon or what is taken for
// one or a space, a word, and at most the name of a type and an id. Prose does not look like this. What stands before
// the first word are the marks of other tools' directives.
var lookalike = regexp.MustCompile(`^(//|/\*)(\s*)(?:go:|[+@#!])?([A-Za-z_]+)(\s*[:.=/-]\s*|\s+)([A-Za-z_-]+)((?:\s+\p{Lu}\w*)?(?:\s+id=\S+)?)\s*(\*/)?$`)

// misspelt reports a comment that was meant as our directive. d is the comment read as a directive, if it can be.
func (r *reader) misspelt(c *ast.Comment, d ast.Directive) {
	if d.Tool == "sessiongen" {
		r.say(c.Pos(), "unknown directive //sessiongen:%s: did you mean //sessiongen:schema?", d.Name)
		return
	}
	const longest = 80 // prose is not worth a regular expression
	if len(c.Text) > longest {
		return
	}
	if bare := strings.TrimSpace(c.Text); bare == "//sessiongen" || bare == "//sessiongen:" {
		r.say(c.Pos(), "%q is only a comment: did you mean //sessiongen:schema?", bare)
		return
	}
	m := lookalike.FindStringSubmatch(c.Text)
	if m == nil {
		return
	}
	spaced, tool, colon, name := m[2] != "", strings.ToLower(m[3]), strings.TrimSpace(m[4]) != "", strings.ToLower(m[5])
	toolFits := tool == "sessiongen" || diag.Closest(tool, "sessiongen") != ""
	nameFits := name == "schema" || diag.Closest(name, "schema") != ""
	short := tool == "session" && name == "schema" && colon && !spaced // session alone is too common a word for more
	if short || toolFits && nameFits && (colon || !spaced) {
		r.say(c.Pos(), "%q is only a comment: did you mean //sessiongen:schema%s?", strings.TrimSpace(c.Text), m[6])
	}
}

func (r *reader) rejectTestSchemas(f *load.File) {
	if !strings.HasSuffix(f.Name, "_test.go") {
		return // of another platform: its schemas are read there
	}
	for _, doc := range f.Syntax.Comments {
		for _, comment := range doc.List {
			if d, ok := ast.ParseDirective(comment.Pos(), comment.Text); ok && d.Tool == "sessiongen" {
				r.say(comment.Pos(), "a test file cannot hold a schema: move the struct to a file that is not a test")
			}
		}
	}
}
