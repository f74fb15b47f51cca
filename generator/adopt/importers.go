package adopt

import "bytes"

func (st *study) writeImporters(b *bytes.Buffer, names []string, in target, imports map[string]bool) {
}
