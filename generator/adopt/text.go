package adopt

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Text writes the report for a person at a terminal: the keys, what is wrong, what cannot be told.
func (r *Report) Text(w io.Writer) error {
	var b bytes.Buffer
	if r.Library == "" {
		b.WriteString("no sessions of a library that is known: scs, gorilla/sessions, gin-contrib/sessions, echo-contrib/session, fiber's, beego's\n")
	} else {
		fmt.Fprintf(&b, "%s: %s at %s\n", r.Library, count(len(r.Keys), "key"), count(r.Sites.Total, "place"))
	}
	r.keys(&b)
	for i, f := range r.Findings {
		if i == 0 {
			fmt.Fprintf(&b, "\n%s:\n\n", count(len(r.Findings), "finding"))
		}
		fmt.Fprintf(&b, "%s: %s: %s\n", f.Pos, f.Kind, f.Text)
	}
	for i, u := range r.Unresolved {
		if i == 0 {
			b.WriteString("\nKeys that cannot be told from the source; make each a map field, or a field by hand:\n\n")
		}
		fmt.Fprintf(&b, "%s: %s\n", u.Pos, u.Text)
	}
	for i, u := range r.Left {
		if i == 0 {
			fmt.Fprintf(&b, "\n%d of %s are rewritten; by hand:\n\n", r.Sites.Rewritten, count(r.Sites.Total, "place"))
		}
		fmt.Fprintf(&b, "%s: %s\n", u.Pos, u.Text)
	}
	if r.Diff != "" && len(r.Left) == 0 {
		fmt.Fprintf(&b, "\nAll of %s are rewritten; by hand: set up the manager, as the file with its variable tells.\n", count(r.Sites.Total, "place"))
	}
	for i, t := range r.Trouble {
		if i == 0 {
			b.WriteString("\nNot read whole, because something did not compile:\n\n")
		}
		fmt.Fprintf(&b, "%s\n", t)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (r *Report) keys(b *bytes.Buffer) {
	if len(r.Keys) == 0 {
		return
	}
	b.WriteString("\n")
	tw := tabwriter.NewWriter(b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "KEY\tTYPE\tOPTIONS\tWRITTEN\tREAD")
	for _, k := range r.Keys {
		name := k.Key
		if k.Cookie != "" {
			name = k.Cookie + ": " + k.Key
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%d\t%d\n", name, k.Type, strings.Join(k.Options, ","), len(k.Written), len(k.Read))
	}
	_ = tw.Flush()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
