package record

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/tinylib/msgp/msgp"
)

func TestEnvelopesOfEverySizeRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 200, 230, 245, 246, 254, 255, 256, 65_000, 65_530, 65_536, 70_000} {
		for _, c := range []content{{}, {deadline: 1}, {deadline: -1}, {older: 1}, {older: maxOlder}, {copy: true}, {deadline: 5, older: 2}} {
			c.value = val(func(w *Writer) { w.Bytes(make([]byte, n)) })
			b := c.append([]byte("before"))[len("before"):]
			if rest, err := msgp.Skip(b); err != nil || len(rest) > 0 {
				t.Fatalf("%d bytes: not MessagePack: %v", n, err)
			}
			got, err := openEnvelope(b)
			if err != nil || got.deadline != c.deadline || got.copy != c.copy || got.older != c.older || !bytes.Equal(got.value, c.value) {
				t.Errorf("%d bytes: %+v became %+v, %v", n, c, got, err)
			}
			if len(b) > len(c.value)+maxEnvelope {
				t.Errorf("%d bytes: the envelope takes %d", n, len(b)-len(c.value))
			}
		}
	}
}

func TestHostileEnvelopesEndInAnErrorOrInAValue(t *testing.T) {
	ext := func(typ byte, body ...byte) []byte { return append([]byte{0xc7, byte(len(body)), typ}, body...) }
	deadline := binary.BigEndian.AppendUint64(nil, 1)
	l := layout(t, Field{Name: "F", Key: "f", Type: Int64})
	for _, c := range []struct {
		name  string
		raw   []byte
		opens bool
	}{
		{"empty", ext(envelopeType), false},
		{"flags alone", ext(envelopeType, 0), false},
		{"no flags", ext(envelopeType, 0, 5), true},
		{"deadline too short", ext(envelopeType, flagDeadline, 1, 2, 3), false},
		{"deadline and no value", ext(envelopeType, append([]byte{flagDeadline}, deadline...)...), false},
		{"deadline and value", ext(envelopeType, append(append([]byte{flagDeadline}, deadline...), 5)...), true},
		{"two values", ext(envelopeType, 0, 5, 5), false},
		{"half a value", ext(envelopeType, 0, 0xcd, 1), false},
		{"an envelope within", ext(envelopeType, append([]byte{0}, ext(envelopeType, 0, 5)...)...), true},
		{"fixext 1", []byte{0xd4, envelopeType, 0}, false},
		{"fixext 2", []byte{0xd5, envelopeType, 0, 5}, true},
		{"fixext 16", append([]byte{0xd8, envelopeType}, make([]byte, 16)...), false},
		{"another extension", ext(7, 1, 2, 3), true},
		{"ext 32 in vain", []byte{0xc9, 0, 0, 0, 2, envelopeType, 0, 5}, true},
	} {
		base := pack("f", c.raw)
		s := &session{now: start}
		s.Work = s.Fields.Work()
		s.Init(l, make([]Slot, 1), s)
		err := s.Open(base)
		if (err == nil) != c.opens {
			t.Errorf("%s: Open = %v", c.name, err)
		}
		if err != nil {
			if s.Has(0) || !Empty(s.save(t, nil)) {
				t.Errorf("%s: after an error the fields are not empty", c.name)
			}
			continue
		}
		_, _ = s.Has(0), s.Int64(0)
	}
}
