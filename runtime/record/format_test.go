package record

import (
	"encoding/hex"
	"reflect"
	"strings"
	"testing"
	"time"
)

// Binaries of two versions share records while one replaces the other: what is written here is what was written before.
func TestTheFormatDoesNotChange(t *testing.T) {
	l := layout(t,
		Field{Name: "Bool", Key: "bool", Type: Bool}, Field{Name: "Bytes", Key: "bytes", Type: Bytes},
		Field{Name: "Duration", Key: "duration", Type: Duration}, Field{Name: "F32", Key: "f32", Type: Float32},
		Field{Name: "F64", Key: "f64", Type: Float64}, Field{Name: "Int", Key: "int", Type: Int64},
		Field{Name: "List", Key: "list", Type: List, Check: checkTexts}, Field{Name: "Map", Key: "map", Type: Map, Check: checkDict},
		Field{Name: "Nil", Key: "nil", Type: Bytes}, Field{Name: "OTP", Key: "otp", Type: String, TTL: 10 * time.Second},
		Field{Name: "Renamed", Key: "renamed", Was: []string{"older"}, Type: String},
		Field{Name: "Time", Key: "time", Type: Time}, Field{Name: "Uint", Key: "uint", Type: Uint64})
	set := func(s *session) {
		s.SetBool(0, true)
		s.SetBytes(1, []byte{1, 2})
		s.SetDuration(2, time.Hour)
		s.SetFloat32(3, 1.5)
		s.SetFloat64(4, 2.5)
		s.SetInt64(5, -1000)
		Append(&s.Fields, 6, []string{"a", "b"}, (*Writer).String)
		put(s, 7, "k", "v")
		s.SetBytes(8, nil)
		s.SetString(9, "123456")
		s.SetString(10, "x")
		s.SetTime(11, time.Unix(1_900_000_000, 5))
		s.SetUint64(12, 1<<40)
	}
	want := strings.Join([]string{
		"8e", // 14 pairs
		"a4626f6f6c c3",
		"a56279746573 c4020102",
		"a86475726174696f6e d30000034630b8a000",
		"a3663332 ca3fc00000",
		"a3663634 cb4004000000000000",
		"a3696e74 d1fc18",
		"a46c697374 92a161a162",
		"a36d6170 81a16ba176",
		"a36e696c c0",
		"a56f6c646572 c70353 02 a178",
		"a36f7470 c71053 01 1a5e27f14549e400 a6313233343536",
		"a772656e616d6564 c70353 04 a178",
		"a474696d65 d7ff 00000014713fb300",
		"a475696e74 cf0000010000000000",
	}, "")
	want = strings.ReplaceAll(want, " ", "")
	s := open(t, l, nil)
	set(s)
	got := s.save(t, nil)
	if hex.EncodeToString(got) != want {
		t.Errorf("%x, want\n%s", got, want)
	}
	base, err := hex.DecodeString(want)
	if err != nil {
		t.Fatal(err)
	}
	s = open(t, l, base)
	for i := range l.Len() {
		if !s.Has(i) {
			t.Errorf("%s does not fit", l.Field(i).Name)
		}
	}
	if s.Int64(5) != -1000 || s.String(9) != "123456" || s.String(10) != "x" || !s.Time(11).Equal(time.Unix(1_900_000_000, 5)) ||
		!reflect.DeepEqual(Get(&s.Fields, 6, texts), []string{"a", "b"}) {
		t.Errorf("it reads otherwise: %d, %q, %q, %v", s.Int64(5), s.String(9), s.String(10), s.Time(11))
	}
}
