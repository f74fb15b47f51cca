package record

// Empty reports whether an encoded record has no fields.
func Empty(encoded []byte) bool {
	r := Reader{b: encoded}
	return r.Struct() == 0
}

// Sizes returns the bytes that each key takes in an encoded record, for whoever has to say why it is too large.
func Sizes(encoded []byte) map[string]int {
	sizes := make(map[string]int)
	r := Reader{b: encoded}
	for range r.Struct() {
		before := len(r.b)
		key := string(r.text())
		r.Skip()
		sizes[key] = before - len(r.b)
	}
	return sizes
}

// Deadline returns from when a field reads as absent, in Unix nanoseconds; 0: never, or it has no value.
func (w Work) Deadline(i int) int64 {
	w.f.mu.Lock()
	defer w.f.mu.Unlock()
	return w.f.slots[i].deadline
}
