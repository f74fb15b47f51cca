// Package flash has fields that are read once.
package flash

// A Mood is a string under a name.
type Mood string

// A Notice is a struct.
type Notice struct {
	Text string
	Mood Mood
}

//sessiongen:schema
type SessionSchema struct {
	// Text is shown once.
	Text    string            `session:"text,flash"`
	Mood    Mood              `session:"mood,flash"`
	Notice  Notice            `session:"notice,flash"`
	Notices []Notice          `session:"notices,flash"`
	Fields  map[string]string `session:"fields,flash"`
	Maybe   *int              `session:"maybe,flash,ttl=1m"`
}
