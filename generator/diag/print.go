package diag

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// A Format is a form in which diagnostics are printed.
type Format string

const (
	Text   Format = "text"   // file:line:col: message
	JSON   Format = "json"   // one object on each line
	GitHub Format = "github" // workflow commands, which GitHub shows beside the lines of a pull request
)

// ParseFormat returns the format of a name.
func ParseFormat(name string) (Format, error) {
	switch f := Format(name); f {
	case Text, JSON, GitHub:
		return f, nil
	}
	return "", fmt.Errorf("unknown format %q: use text, json or github", name)
}

// Print writes diagnostics as they come, their files relative to dir where they lie in it or near it.
func Print(w io.Writer, format Format, dir string, ds []Diagnostic) error {
	var out bytes.Buffer
	for _, d := range ds {
		d.Pos.Filename = Relative(dir, d.Pos.Filename)
		switch format {
		case JSON:
			if err := writeJSON(&out, d); err != nil {
				return err
			}
		case GitHub:
			writeGitHub(&out, d)
		default:
			writeText(&out, d)
		}
	}
	_, err := w.Write(out.Bytes())
	return err
}

func writeText(w *bytes.Buffer, d Diagnostic) {
	if d.Pos.Filename != "" {
		fmt.Fprintf(w, "%s: ", d.Pos)
	}
	if d.Note {
		w.WriteString("note: ")
	}
	w.WriteString(oneLine(d.Message) + "\n")
}

func writeJSON(w *bytes.Buffer, d Diagnostic) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(struct {
		File     string `json:"file"`
		Line     int    `json:"line"`
		Column   int    `json:"column"`
		Severity string `json:"severity"`
		Message  string `json:"message"`
	}{filepath.ToSlash(d.Pos.Filename), d.Pos.Line, d.Pos.Column, d.severity("note"), d.Message})
}

// writeGitHub follows "Workflow commands for GitHub Actions", and its toolkit for what is escaped: a message keeps to
// one line by percent-encoding, a property also has to keep clear of its separators.
func writeGitHub(w *bytes.Buffer, d Diagnostic) {
	message := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var properties []string
	if d.Pos.Filename != "" {
		properties = append(properties, "file="+property.Replace(filepath.ToSlash(d.Pos.Filename)))
	}
	if d.Pos.Line > 0 {
		properties = append(properties, fmt.Sprintf("line=%d", d.Pos.Line))
	}
	if d.Pos.Column > 0 {
		properties = append(properties, fmt.Sprintf("col=%d", d.Pos.Column))
	}
	fmt.Fprintf(w, "::%s %s::%s\n", d.severity("notice"), strings.Join(properties, ","), message.Replace(d.Message))
}

func (d Diagnostic) severity(note string) string {
	if d.Note {
		return note
	}
	return "error"
}

// oneLine keeps a diagnostic on one line even if it quotes a text with line breaks.
func oneLine(s string) string { return strings.Join(strings.FieldsFunc(s, isNewline), " ") }

func isNewline(r rune) bool { return r == '\n' || r == '\r' }

// Relative returns path as seen from dir. A path that is more than two folders up stays absolute: it reads better.
func Relative(dir, path string) string {
	if path == "" || !filepath.IsAbs(path) {
		return path
	}
	rel, err := filepath.Rel(dir, path)
	if err != nil || strings.HasPrefix(filepath.ToSlash(rel), "../../../") {
		return path
	}
	return rel
}
