// Package tags has struct tags that are hard to quote.
package tags

//sessiongen:schema
type SessionSchema struct {
	A      string `json:"a,omitempty" session:"a" xml:"a>b"`
	B      string "session:\"b\" note:\"a ` backquote\""
	C      string `session:"c" note:"«»//*/\"\t€"`
	D      string "session:\"d\" note:\"line\\nbreak\""
	Ümlaut string `session:"ümlaut"`
	In     struct {
		X string `note:"« » \"" session:"«x»"`
	}
}
