package storetest

import (
	"bytes"
	"strings"
)

// values tests that every value and every key that a Manager can produce goes through unchanged.
func values() []test {
	return []test{
		{"an empty value is a value", func(f *fixture) {
			k := f.key()
			f.add(k, "", forever)
			_, v := f.get(k)
			f.wantValue(k, "")
			f.swap(k, "one", v, forever)
			_, v = f.get(k)
			f.swap(k, "", v, forever)
			f.wantValue(k, "")
		}},
		{"a value may hold every byte, line ends and protocol words among them", func(f *fixture) {
			var every strings.Builder
			for b := range 256 {
				every.WriteByte(byte(b))
			}
			for _, value := range []string{
				every.String(),
				"\r\n", "\n", "\r\nEND\r\n", "END\r\n", "STORED\r\n", "VALUE k 0 1\r\nx\r\nEND\r\n", "$-1\r\n",
				strings.Repeat("\x00", 100), strings.Repeat("\xff", 100), "\r\n" + every.String() + "\r\n",
			} {
				k := f.key()
				f.add(k, value, forever)
				f.wantValue(k, value)
				_, v := f.get(k)
				f.swap(k, value+value, v, forever)
				f.wantValue(k, value+value)
			}
		}},
		{"a value may have any size up to 1 MiB less 1 KiB", func(f *fixture) {
			for _, size := range []int{1, 1023, 1024, 1025, 4090, 4096, 4097, 65536, 1<<19 + 7, 1<<20 - 1<<10} {
				value := strings.Repeat("0123456789abcdef\r\n", size/18+1)[:size]
				k := f.key()
				f.add(k, value, forever)
				f.wantValue(k, value)
				_, v := f.get(k)
				value = strings.ToUpper(value)
				f.swap(k, value, v, forever)
				f.wantValue(k, value)
				f.delete(k)
			}
		}},
		{"a key may have 250 bytes and every printable character", func(f *fixture) {
			var printable strings.Builder
			for b := byte('!'); b <= '~'; b++ {
				printable.WriteByte(b)
			}
			long := f.key() + strings.Repeat("k", 250)
			keys := []string{long[:250], long[:249], f.key() + printable.String()}
			for _, k := range keys {
				f.add(k, k, forever)
			}
			for _, k := range keys {
				f.wantValue(k, k)
			}
		}},
		{"keys that differ in case, in their last byte or in their length are different keys", func(f *fixture) {
			k := f.key() + strings.Repeat("k", 100)
			keys := []string{k, strings.ToLower(k), k[:len(k)-1] + "K", k + "k", k[:len(k)-1]}
			for _, k := range keys {
				f.add(k, k, forever)
			}
			for i, k := range keys {
				f.wantValue(k, k)
				f.delete(k)
				for _, other := range keys[i+1:] {
					f.wantValue(other, other)
				}
			}
		}},
		{"a value that Get returned stays as it is whatever is read and written after it", func(f *fixture) {
			k, other := f.key(), f.key()
			f.add(k, "one", forever)
			f.add(other, "two", forever)
			value, v, err := f.store.Get(f.ctx(), k)
			if err != nil {
				f.Fatalf("Get: %v", err)
			}
			f.wantValue(other, "two")
			f.swap(k, "new", v, forever)
			f.wantValue(k, "new")
			f.delete(k)
			if string(value) != "one" {
				f.Errorf("it was %q, and has become %q", "one", value)
			}
		}},
		{"the value that Get returns is the caller's", func(f *fixture) {
			k := f.key()
			f.add(k, "one", forever)
			value, _, err := f.store.Get(f.ctx(), k)
			if err != nil {
				f.Fatalf("Get: %v", err)
			}
			copy(value, "xxx")
			_ = append(value, "yyy"...)
			f.wantValue(k, "one")
		}},
		{"the value given to Add and Swap stays the caller's", func(f *fixture) {
			k := f.key()
			buf := []byte("one")
			if err := f.store.Add(f.ctx(), k, buf, forever); err != nil {
				f.Fatalf("Add: %v", err)
			}
			copy(buf, "xxx")
			f.wantValue(k, "one")

			_, v := f.get(k)
			buf = []byte("two")
			if err := f.store.Swap(f.ctx(), k, buf, v, forever); err != nil {
				f.Fatalf("Swap: %v", err)
			}
			if !bytes.Equal(buf, []byte("two")) {
				f.Error("Swap changed the slice that it was given")
			}
			copy(buf, "xxx")
			f.wantValue(k, "two")
		}},
	}
}
