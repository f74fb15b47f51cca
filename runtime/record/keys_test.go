package record

import (
	"fmt"
	"slices"
	"testing"
)

// wideLayout has n fields, the i-th of which has the key that keyOf says.
func wideLayout(t *testing.T, n int) *Layout {
	t.Helper()
	fields := make([]Field, n)
	for i := range fields {
		fields[i] = Field{Name: fmt.Sprint("F", i), Key: fmt.Sprintf("k%04d", n-i), Was: []string{fmt.Sprint("old", i)}, Type: Int64}
	}
	l, err := NewLayout(fields, 0)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestChangesNameTheirFieldsKeysInOrder(t *testing.T) {
	for _, n := range []int{1, 8, 9, 300} {
		l := wideLayout(t, n)
		f := new(Fields)
		f.Work().Init(l, make([]Slot, n), new(env))
		var want []string
		for _, i := range []int{0, n / 2, n - 1, 0} {
			f.SetInt64(i, int64(i))
			want = append(want, l.Field(i).Key)
		}
		slices.Sort(want)
		want = slices.Compact(want)
		changes, err := f.Work().Begin()
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // made, then remembered
			if got := changes.Keys(l); !slices.Equal(got, want) {
				t.Errorf("%d fields: %v, want %v", n, got, want)
			}
			if got := l.KeyOf(n - 1); !slices.Equal(got, []string{l.Field(n - 1).Key}) {
				t.Errorf("%d fields: the last one's key is %v", n, got)
			}
		}
	}
}
