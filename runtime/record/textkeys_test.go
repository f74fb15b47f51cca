package record

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// This file is about maps whose keys are stored as the text of their own marshaller.

func writeAddr(w *Writer, v netip.Addr) { WriteText(w, &v) }

func readAddr(r *Reader) (v netip.Addr) {
	ReadText(r, &v)
	return v
}

func readAddrs(r *Reader) map[netip.Addr]string {
	return ReadMap[map[netip.Addr]string](r, readAddr, (*Reader).String)
}

func writeAddrs(w *Writer, m map[netip.Addr]string) { WriteTextMap(w, m, writeAddr, (*Writer).String) }

func TestAMapWithTextKeysIsOneWhetherPutOrSet(t *testing.T) {
	l := layout(t, Field{Name: "M", Key: "m", Type: Map, Check: func(r *Reader) { readAddrs(r) }})
	m := map[netip.Addr]string{{}: "none"}
	for _, text := range []string{"10.0.0.1", "10.0.0.10", "9.9.9.9", "::1", "fe80::1%" + strings.Repeat("eth", 20)} {
		m[netip.MustParseAddr(text)] = text
	}
	whole, one := open(t, l, nil), open(t, l, nil)
	Set(&whole.Fields, 0, m, writeAddrs)
	for k, v := range m {
		Put(&one.Fields, 0, k, v, writeAddr, (*Writer).String)
	}
	base := one.save(t, nil)
	if !bytes.Equal(base, whole.save(t, nil)) {
		t.Error("equal maps are different bytes")
	}
	s := open(t, l, base)
	for k, v := range m {
		if got, ok := Lookup(&s.Fields, 0, k, writeAddr, (*Reader).String); !ok || got != v {
			t.Errorf("under %v there is %q, %t", k, got, ok)
		}
		Delete(&s.Fields, 0, k, writeAddr)
	}
	if got := Get(&s.Fields, 0, readAddrs); len(got) != 0 || got == nil {
		t.Errorf("after deleting all: %v", got)
	}
}

func TestKeysThatShareOneTextAreRefused(t *testing.T) {
	l := layout(t, Field{Name: "M", Key: "m", Type: Map, Check: (*Reader).Skip})
	write := func(w *Writer, m map[time.Time]string) {
		WriteTextMap(w, m, func(w *Writer, v time.Time) { WriteText(w, &v) }, (*Writer).String)
	}
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.FixedZone("here", 3600))
	s := open(t, l, nil)
	Set(&s.Fields, 0, map[time.Time]string{noon: "a", noon.In(time.FixedZone("there", 3600)): "b"}, write)
	if _, err := s.Begin(); !errors.Is(err, errSameText) {
		t.Errorf("saving gives %v", err)
	}
}

type fussy struct{ n int }

var errFussy = errors.New("no text")

func (v fussy) MarshalText() ([]byte, error) {
	if v.n < 0 {
		return nil, errFussy
	}
	return []byte{'0' + byte(v.n)}, nil
}

func TestAKeyThatCannotBeWrittenIsAnErrorOfItsField(t *testing.T) {
	l := layout(t, Field{Name: "M", Key: "m", Type: Map, Check: (*Reader).Skip})
	write := func(w *Writer, v fussy) { WriteText(w, v) }
	for name, change := range map[string]func(*Fields){
		"set": func(f *Fields) {
			Set(f, 0, map[fussy]string{{1}: "a", {-1}: "b"}, func(w *Writer, m map[fussy]string) {
				WriteTextMap(w, m, write, (*Writer).String)
			})
		},
		"put":    func(f *Fields) { Put(f, 0, fussy{-1}, "v", write, (*Writer).String) },
		"delete": func(f *Fields) { Delete(f, 0, fussy{-1}, write) },
	} {
		s := open(t, l, nil)
		Put(&s.Fields, 0, fussy{1}, "v", write, (*Writer).String)
		change(&s.Fields)
		if v, ok := Lookup(&s.Fields, 0, fussy{1}, write, (*Reader).String); !ok || v != "v" {
			t.Errorf("%s: the field lost what it had", name)
		}
		if _, err := s.Begin(); !errors.Is(err, errFussy) {
			t.Errorf("%s: saving gives %v", name, err)
		}
	}
	s := open(t, l, nil)
	if v, ok := Lookup(&s.Fields, 0, fussy{-1}, write, (*Reader).String); ok || v != "" {
		t.Errorf("lookup finds %q", v)
	}
}
