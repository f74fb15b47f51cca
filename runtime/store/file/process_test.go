//go:build unix

package file_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/file"
)

// A child is this test binary once more, which does what the variables say.
const (
	childEnv = "FILE_TEST_CHILD" // hold, or write
	pathEnv  = "FILE_TEST_PATH"
	killsEnv = "SESSIONGEN_KILLS" // how often TestWhatWasAcknowledgedSurvivesKill kills; 500 are for a long run
)

func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "hold":
		hold(os.Getenv(pathEnv))
	case "write":
		writeForEver(os.Getenv(pathEnv))
	}
	os.Exit(m.Run())
}

type child struct {
	t   testing.TB
	cmd *exec.Cmd
	out *bufio.Reader
}

func startChild(t testing.TB, what, path string) *child {
	t.Helper()
	c := &child{t: t, cmd: exec.Command(os.Args[0])}
	c.cmd.Env = append(os.Environ(), childEnv+"="+what, pathEnv+"="+path)
	c.cmd.Stderr = os.Stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewReader(out)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.kill)
	return c
}

// kill ends the process at once and waits until it is gone.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_, _ = c.cmd.Process.Wait()
}

func (c *child) line() string {
	c.t.Helper()
	line, err := c.out.ReadString('\n')
	if err != nil {
		c.t.Fatalf("the other process: %v", err)
	}
	return strings.TrimSpace(line)
}

func hold(path string) {
	if _, err := file.Open(path); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("open")
	_, _ = io.Copy(io.Discard, os.Stdin)
	time.Sleep(time.Hour) // until it is killed
}

func TestASecondProcessLearnsWhoHasTheFile(t *testing.T) {
	path := newPath(t)
	c := startChild(t, "hold", path)
	if got := c.line(); got != "open" {
		t.Fatal(got)
	}
	start := time.Now()
	s, err := file.Open(path)
	took := time.Since(start)
	var inUse *file.InUseError
	if s != nil || !errors.As(err, &inUse) || inUse.PID != c.cmd.Process.Pid || !strings.Contains(err.Error(), strconv.Itoa(inUse.PID)) {
		t.Errorf("%v, want the number %d", err, c.cmd.Process.Pid)
	}
	if took > 5*time.Second {
		t.Errorf("after %v, want it within a second on a machine that is not busy", took)
	}

	c.kill()
	if left, err := os.ReadFile(path + ".pid"); err != nil || strings.TrimSpace(string(left)) != strconv.Itoa(inUse.PID) {
		t.Fatalf("the killed process has left %q, %v", left, err)
	}
	s = open(t, path, file.Options{}, file.Env{})
	add(t, s, "k", "one", time.Hour)

	_, err = file.Open(path)
	if !errors.As(err, &inUse) || inUse.PID != os.Getpid() {
		t.Errorf("a second time in one process: %v, want this process", err)
	}
	closeStore(t, s)
	if _, err := os.Stat(path + ".pid"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a closed store leaves its number: %v", err)
	}
}

func TestTheNumberIsNotWrittenThroughALink(t *testing.T) {
	path, victim := newPath(t), writeFile(t, []byte("precious"))
	if err := os.Symlink(victim, path+".pid"); err != nil {
		t.Fatal(err)
	}
	open(t, path, file.Options{}, file.Env{})
	if got, _ := os.ReadFile(victim); string(got) != "precious" {
		t.Errorf("the file behind the link is %q", got)
	}
}

func TestClosingLeavesNothingBehind(t *testing.T) {
	path := newPath(t)
	closeStore(t, open(t, path, file.Options{}, file.Env{}))
	servertest.NoLeak(t)
	for range 5 {
		s := open(t, path, file.Options{}, file.Env{Tick: time.Millisecond})
		add(t, s, fmt.Sprint(time.Now().UnixNano()), "one", time.Hour)
		closeStore(t, s)
	}
}

func TestTheStoreWorksInFIPS140Mode(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run", "^(TestSessionsSurviveARestart|TestATouchIsWrittenByClose)$")
	cmd.Env = append(os.Environ(), "GODEBUG=fips140=only")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// What writers of the killed process do: each has one key, whose n-th value is made of the writer and of n; and
// each adds a key for every tenth n and deletes the one before.
const killedWriters = 64

func counterKey(w int) string { return fmt.Sprint("counter.", w) }

func tenthKey(w, n int) string { return fmt.Sprint("tenth.", w, ".", n) }

// payload is a value in which each byte tells where it belongs, so that none can be another's.
func payload(w, n int) []byte {
	rnd := rand.New(rand.NewPCG(uint64(w), uint64(n)))
	b := make([]byte, rnd.IntN(600)+rnd.IntN(2)*rnd.IntN(6000))
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
	return fmt.Append(nil, n, " ", string(b))
}

func numberOf(value []byte) int {
	text, _, _ := bytes.Cut(value, []byte(" "))
	n, err := strconv.Atoi(string(text))
	if err != nil {
		return -1
	}
	return n
}

// writeForEver says on its standard output what was acknowledged, after it was.
func writeForEver(path string) {
	ctx := context.Background()
	fail := func(err error) {
		if err != nil {
			fmt.Println("failed", 0, err)
			os.Exit(1)
		}
	}
	s, err := file.Open(path)
	fail(err)
	for w := range killedWriters {
		go func() {
			n := 0
			value, v, err := s.Get(ctx, counterKey(w))
			switch {
			case errors.Is(err, session.ErrNotFound):
				fail(s.Add(ctx, counterKey(w), payload(w, 0), time.Hour))
				_, v, err = s.Get(ctx, counterKey(w))
				fail(err)
			default:
				fail(err)
				n = numberOf(value)
			}
			for {
				n++
				fail(s.Swap(ctx, counterKey(w), payload(w, n), v, time.Hour))
				fmt.Println("counter", w, n)
				_, v, err = s.Get(ctx, counterKey(w))
				fail(err)
				if n%10 == 0 {
					if err := s.Add(ctx, tenthKey(w, n), payload(w, n), time.Hour); !errors.Is(err, session.ErrExists) {
						fail(err)
					}
					fmt.Println("added", w, n)
					fail(s.Delete(ctx, tenthKey(w, n-10)))
					fmt.Println("deleted", w, n-10)
				}
			}
		}()
	}
	select {}
}

func TestWhatWasAcknowledgedSurvivesKill(t *testing.T) {
	kills := 50
	if text := os.Getenv(killsEnv); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatalf("%s: %v", killsEnv, err)
		}
	}
	path := newPath(t)
	var counter, added, deleted [killedWriters]int // the last acknowledged
	acknowledged := 0
	for kill := range kills {
		c := startChild(t, "write", path)
		first := c.line()
		time.AfterFunc(time.Duration(rand.Int64N(int64(40*time.Millisecond))), func() { _ = c.cmd.Process.Kill() })
		rest, _ := io.ReadAll(c.out)
		c.kill()
		for line := range strings.Lines(first + "\n" + string(rest)) {
			var what string
			var w, n int
			if !strings.HasSuffix(line, "\n") {
				continue // it was killed as it wrote this
			}
			if _, err := fmt.Sscan(line, &what, &w, &n); err != nil {
				t.Fatalf("the process says %q", line)
			}
			acknowledged++
			switch what {
			case "counter":
				counter[w] = n
			case "added":
				added[w] = n
			case "deleted":
				deleted[w] = n
			default:
				t.Fatalf("the process says %q", line)
			}
		}

		s := open(t, path, file.Options{}, file.Env{})
		for w := range killedWriters {
			value, _, err := s.Get(t.Context(), counterKey(w))
			n := numberOf(value)
			switch {
			case errors.Is(err, session.ErrNotFound) && counter[w] == 0: // not even begun
				continue
			case err != nil:
				t.Fatalf("kill %d, writer %d: %v", kill, w, err)
			case n != counter[w] && n != counter[w]+1:
				t.Errorf("kill %d, writer %d: number %d, acknowledged was %d", kill, w, n, counter[w])
			case !bytes.Equal(value, payload(w, n)):
				t.Errorf("kill %d, writer %d: a torn record", kill, w)
			}
			counter[w] = n
			if added[w] > 0 && deleted[w] < added[w] {
				if value, _ := get(t, s, tenthKey(w, added[w])); value != string(payload(w, added[w])) {
					t.Errorf("kill %d, writer %d: a torn record", kill, w)
				}
			}
			if _, _, err := s.Get(t.Context(), tenthKey(w, deleted[w])); !errors.Is(err, session.ErrNotFound) {
				t.Errorf("kill %d, writer %d: what was deleted: %v", kill, w, err)
			}
		}
		closeStore(t, s)
		if t.Failed() {
			return
		}
	}
	check(t, path)
	t.Logf("%d kills, %d writes acknowledged", kills, acknowledged)
	if acknowledged < kills {
		t.Error("nothing was written")
	}
}
