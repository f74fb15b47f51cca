package render

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sessiongen/sessiongen/generator/schema"
)

// comment makes a doc comment of paragraphs of plain text. Empty ones are left out.
func comment(paragraphs ...string) string {
	var b strings.Builder
	for _, p := range paragraphs {
		if p == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n//\n")
		}
		for i, line := range strings.Split(p, "\n") {
			if i > 0 {
				b.WriteByte('\n')
			}
			b.WriteString("//")
			if line = strings.TrimRightFunc(line, unicode.IsSpace); line != "" && line[0] != '\t' {
				b.WriteByte(' ')
			}
			b.WriteString(line)
		}
	}
	return b.String()
}

const lineLength = 117 // behind the comment marker

// sentences makes a paragraph of generated sentences.
func sentences(all ...string) string {
	var b strings.Builder
	length := 0
	for _, word := range strings.Fields(strings.Join(all, " ")) {
		switch n := utf8.RuneCountInString(word); {
		case length == 0:
			length = n
		case length+1+n > lineLength:
			b.WriteByte('\n')
			length = n
		default:
			b.WriteByte(' ')
			length += 1 + n
		}
		b.WriteString(word)
	}
	return b.String()
}

// splitDeprecated takes the paragraph that marks something as deprecated (go.dev/wiki/Deprecated) out of a doc comment.
func splitDeprecated(doc string) (rest, deprecated string) {
	var others, marks []string
	for _, p := range strings.Split(doc, "\n\n") {
		if strings.HasPrefix(p, "Deprecated: ") {
			marks = append(marks, p)
		} else {
			others = append(others, p)
		}
	}
	return strings.Join(others, "\n\n"), strings.Join(marks, "\n\n")
}

// startsWith reports whether a doc comment begins with a name, as the comment of that name should.
func startsWith(doc, name string) bool {
	rest, found := strings.CutPrefix(doc, name)
	r, _ := utf8.DecodeRuneInString(rest)
	return found && outsideName(r)
}

// wrapperComment is the struct's own, under the wrapper's name.
func wrapperComment(w *schema.Wrapper) string {
	doc, deprecated := splitDeprecated(w.Doc)
	for _, article := range []string{"", "A ", "An ", "The "} {
		if rest, found := strings.CutPrefix(doc, article); found && startsWith(rest, w.Struct) {
			doc = article + w.Name + strings.TrimPrefix(rest, w.Struct)
			break
		}
	}
	if doc == "" {
		doc = fmt.Sprintf("%s is a session with the fields of %s.", w.Name, w.Struct)
	}
	return comment(doc, sentences(
		"It is safe for concurrent use by the goroutines of its request.",
		"Getters return copies; what a setter is given is encoded at once; Save writes."), deprecated)
}

// fieldComment is the comment of the method that returns a field: the field's own, which tells more than we know, and
// then facts. A field's comment that does not begin with the method's name, as a comment should, comes after a
// generated sentence.
func fieldComment(f *schema.Field, method, generated, facts string) string {
	doc, deprecated := splitDeprecated(f.Doc)
	if startsWith(doc, method) {
		return comment(doc, sentences(facts), deprecated)
	}
	r, _ := utf8.DecodeRuneInString(doc)
	if unicode.IsLower(r) && !startsWith(doc, f.Name) && !strings.Contains(doc, "\n") {
		doc, generated = "", strings.TrimSuffix(generated, ".")+": "+strings.TrimRight(doc, ".")+"."
	}
	return comment(sentences(generated, facts), doc, deprecated)
}

// methodComment is the comment of the other methods of a field.
func methodComment(f *schema.Field, generated ...string) string {
	_, deprecated := splitDeprecated(f.Doc)
	return comment(sentences(generated...), deprecated)
}

// durationText writes a duration as a tag does: 10m, not 10m0s.
func durationText(d time.Duration) string {
	text := d.String()
	for _, rest := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, rest) {
			text = text[:len(text)-2]
		}
	}
	return text
}
