// Package record holds what a session is made of: a set of encoded fields.
//
// Opening a record decodes nothing: one pass remembers where each field's bytes lie (Work.Open). A getter decodes its
// own field from those bytes. A setter encodes at once, replaces the field's bytes and leaves an operation (set, clear,
// add, append, put, delete) on a short log. Saving replays that log on a record (Work.Replay), the one that was loaded
// or a newer one, and copies every untouched field byte for byte. From this follow the properties that the rest of the
// runtime stands on: values never alias, fields that this binary does not know survive it, a conflict is a replay, and
// reading cannot write.
//
// A record is a MessagePack map from stored key to value with its keys in ascending order, so that equal sessions are
// equal bytes. A value that carries more than itself, a deadline or the mark of a renamed key, stands in an envelope
// (see envelope.go) that every reader understands, whatever its schema says.
//
// Generated code is this package's caller, through Fields and the functions with a type parameter; people call
// generated code. Package session is the other one: it alone calls the methods of Work. The package does no I/O, knows
// no cookies, and trusts nothing that it reads: any bytes at all end in an error or in a value, never in a panic or in
// an allocation that the bytes merely announced.
//
// # In which order to read it
//
//   - The format: reader.go and writer.go (MessagePack values), skip.go, envelope.go.
//   - A schema: layout.go (its fields, made ready), shape.go (structs within values), none.go (what counts as no
//     value).
//   - A record taken apart: slot.go (one field), state.go (all of them: scan and encode), walk.go (their keys in
//     order), renamed.go (fields with older keys).
//   - Operations: op.go, log.go and place.go (what makes which op pointless); for lists and maps edit.go, over
//     pairs.go and index.go; append.go (elements that are encoded where they stay).
//   - Its callers: fields.go, getters.go (fields of simple types), typed.go (all others); work.go, take.go, count.go,
//     own.go and sizes.go for package session.
package record
