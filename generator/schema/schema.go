// Package schema is the model between the parser and the renderer: what a user's annotated structs mean, as plain data.
//
// It knows nothing of syntax trees, of go/types and of the code that is generated from it.
package schema

import (
	"go/token"
	"time"
)

// A Package is one Go package with at least one schema or one output file of ours.
type Package struct {
	Path  string // import path
	Name  string
	Dir   string // absolute
	Files []*File
	// Scope has every name that the package declares outside our output, and where. Files of other platforms and tests
	// count.
	Scope map[string]token.Position
}

// A File is one source file that declares schemas, and so one output file.
type File struct {
	Source string // base name: session.go
	Output string // base name: session_gen.go
	Build  string // the //go:build line of the output, or empty: as written, with the tags of the source's name
	Wraps  []*Wrapper

	Taken token.Position // of a file that is not ours and stands where Output goes, or zero
}

// A Wrapper is one schema: a struct, and the session type that is generated from it.
type Wrapper struct {
	Name   string // Session
	Struct string // SessionSchema
	// Identity tells the sessions of this schema from all others: the text of id=, or the import path and Name.
	Identity string
	Doc      string // doc comment of the struct as plain text: no comment markers, no directives, no newline at the end
	Pos      token.Position
	Fields   []*Field // in source order, embedded structs promoted
	Guards   []*Guard // the struct itself, then the package's own types that it reaches, in order of first use

	HoldsLock bool // the struct holds a lock in a field that is left out: its values must not be copied

	Methods map[string]token.Position // the methods that the package itself declares on Name outside our output, and where
}

// A Guard is a type as declared. The output repeats it, so as to stop compiling when the source changes.
type Guard struct {
	Name   string        // in the package being generated
	Type   Expr          // as a value of it is declared: Name, for an instantiated generic with its arguments
	Fields []StructField // of a struct
	Behind *Expr         // what stands behind the name of any other type
}

// A StructField is one line of a struct.
type StructField struct {
	Name     string
	Type     Expr
	Tag      string // verbatim, without quotes
	Embedded bool
}

// A Field is one field of a session.
type Field struct {
	Name string   // UserID
	Path []Step   // from the schema struct to the field: one step, more for a promoted one
	Key  string   // user_id
	Was  []string // older keys, in the order written
	Doc  string   // doc comment and line comment as plain text, as Wrapper.Doc
	Type *Type

	Renew, Counter, Flash, Secret, JSON bool

	TTL   time.Duration // 0: none
	Max   int           // 0: none
	Owner int           // how many sessions the one whom the field names may have at a time; 0: it does not say whose

	Pos    token.Position            // of the name
	TagPos map[string]token.Position // by option name, "" for the key, "was=old" for each older key
}

// A Step selects one field on the way to a promoted one.
type Step struct {
	Name string
	Ptr  *Expr // set if it is a struct embedded by pointer: its type without the star, to allocate it
}

// A Kind tells how a value is stored.
type Kind int

const (
	KindInvalid Kind = iota
	KindBool
	KindInt      // Bits: 0 for int
	KindUint     // Bits: 0 for uint
	KindFloat    // Bits
	KindString   //
	KindBytes    // slices of bytes
	KindTime     //
	KindDuration //
	KindSlice    // Elem
	KindArray    // Elem, Len
	KindMap      // Key, Elem
	KindPointer  // Elem
	KindStruct   // Members
	KindBinary   // encoding.BinaryMarshaler and BinaryUnmarshaler
	KindText     // encoding.TextMarshaler and TextUnmarshaler
	KindJSON     // through encoding/json, by option
	KindTextKey  // of a map's Key alone: as KindText, however the type is stored elsewhere
)

// A Type is a Go type: how it is written, and how its values are stored.
type Type struct {
	Expr  Expr
	Named bool // a declared type: a conversion stands between it and its basic or composite underlying type
	Kind  Kind

	Comparable bool // of KindBinary and KindText: == tells its values apart

	Bits      int       // of KindInt, KindUint and KindFloat
	Len       int       // of KindArray
	Key, Elem *Type     // of KindMap, KindSlice, KindArray, KindPointer
	Members   []*Member // of KindStruct: the stored fields in source order, embedded structs promoted
}

// A Member is one stored field of a struct within a field.
type Member struct {
	Name string
	Path []Step // as Field.Path
	Key  string
	Type *Type
}

// An Expr is Go source of a type. Where a package's name stands, Text has its import path between « and »; a name of
// the package being generated stands bare.
type Expr struct {
	Text    string
	Imports []Import // every package that Text names, once each
}

// An Import is a package as a generated file needs to know it.
type Import struct {
	Path string
	Name string // as its package clause says
}
