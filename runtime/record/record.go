// Package record holds what a session is made of: a set of encoded fields.
//
// Opening a record decodes nothing: one pass remembers where each field's bytes lie (Fields.Open). A getter decodes its
// own field from those bytes. A setter encodes at once, replaces the field's bytes and leaves an operation (set, clear,
// add, append, put, delete) on a short log. Saving replays that log on a record (Fields.Replay), the one that was loaded
// or a newer one, and copies every untouched field byte for byte. From this follow the properties that the rest of the
// runtime stands on: values never alias, fields that this binary does not know survive it, a conflict is a replay, and
// reading cannot write.
//
// A record is a MessagePack map from stored key to value with its keys in ascending order, so that equal sessions are
// equal bytes. A value that carries more than itself, a deadline or the mark of a renamed key, stands in an envelope (see
// envelope.go) that every reader understands, whatever its schema says.
//
// Generated code is this package's caller; people call generated code. The package does no I/O, knows no cookies, and
// trusts nothing that it reads: any bytes at all end in an error or in a value, never in a panic or in an allocation that
// the bytes merely announced.
package record
