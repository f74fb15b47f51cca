package parse

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sessiongen/sessiongen/generator/diag"
)

// maxID is the most bytes of an id=: an import path with a name fits in with ease.
const maxID = 200

// arguments reads what stands behind //sessiongen:schema: the name of the session type and its identity. Without the
// first the type is called after the struct, which may leave no name; without the second the identity is the package's
// import path and that name.
func (r *reader) arguments(d *directive) (name, identity string) {
	args, err := d.ParseArgs()
	if err != nil {
		r.say(d.ArgsPos, "cannot read the arguments of the directive: %v", err)
		return impossible(d), ""
	}
	var names, ids []ast.DirectiveArg
	for _, arg := range args {
		switch key, _, option := strings.Cut(arg.Arg, "="); {
		case !option:
			names = append(names, arg)
		case key == "id":
			ids = append(ids, arg)
		default:
			r.say(arg.Pos, "unknown argument %q: %s", arg.Arg, argumentHint(key))
		}
	}
	name = r.sessionTypeName(d, names)
	identity = r.pkg.Path + "." + name
	switch {
	case len(ids) > 1:
		r.say(ids[1].Pos, "the id is given twice: remove one")
	case len(ids) == 1:
		identity = strings.TrimPrefix(ids[0].Arg, "id=")
		if fault := idFault(identity); fault != "" {
			r.say(ids[0].Pos, "%s", fault)
		}
	}
	return name, identity
}

func argumentHint(key string) string {
	if strings.EqualFold(key, "id") || diag.Closest(key, "id", "identity") != "" || key == "identity" {
		return "did you mean id=?"
	}
	return "the directive takes the name of the session type, and id="
}

// idFault says why a text cannot be an identity, or nothing.
func idFault(id string) string {
	unprintable := func(c rune) bool { return !unicode.IsPrint(c) }
	switch {
	case id == "":
		return "id= is empty: write a text that no other schema has, as in id=shop"
	case len(id) > maxID:
		return fmt.Sprintf("the id is too long: at most %d bytes", maxID)
	case !utf8.ValidString(id) || strings.ContainsFunc(id, unprintable):
		return "the id has characters that cannot be printed: use letters and digits, as in id=shop"
	}
	return ""
}

// sessionTypeName returns the name of the session type: as the directive says, or after the struct. It may be empty.
func (r *reader) sessionTypeName(d *directive, args []ast.DirectiveArg) string {
	switch {
	case len(args) > 1:
		r.say(args[1].Pos, "the directive takes at most one word, the name of the session type: remove %q", args[1].Arg)
	case len(args) == 0:
		return wrapperName(d.spec.Name.Name)
	case !token.IsIdentifier(args[0].Arg):
		r.say(args[0].Pos, "%q is no name for a type: write one as in //sessiongen:schema Session", args[0].Arg)
	case !ast.IsExported(upperFirst(args[0].Arg)):
		r.say(args[0].Pos,
			"the session type is exported: begin its name with an upper-case letter, as in //sessiongen:schema Session")
	case !ast.IsExported(args[0].Arg):
		r.say(args[0].Pos, "the session type is exported: write %s", upperFirst(args[0].Arg))
	default:
		return args[0].Arg
	}
	return impossible(d)
}

// impossible is a name that collides with nothing: one mistake is enough.
func impossible(d *directive) string { return "Session of " + d.spec.Name.Name }
