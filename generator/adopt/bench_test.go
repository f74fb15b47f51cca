//go:build unix

package adopt_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkAgainstVet runs sessiongen adopt and go vet -unusedresult by turns on a module of 100 packages with
// sessions in all of them, which the build cache knows. x/vet is the ratio of the times, x/vet-cpu that of the
// processor's time, x/vet-memory that of the largest process of each, children included (of go vet's, which run at the
// same time, the sum is twice as much): all are to stay below 2. go vet remembers what it has
// said of a package, so each round changes a comment in every package, as sessionvet's benchmark does; adopt
// remembers nothing.
//
//	go test -run '^$' -bench AgainstVet -benchtime 3x ./generator/adopt
func BenchmarkAgainstVet(b *testing.B) {
	dir := b.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		b.Fatal(err)
	}
	tool := filepath.Join(b.TempDir(), "sessiongen")
	run(b, root, "go", "build", "-o", tool, "./cmd/sessiongen")
	write(b, filepath.Join(dir, "go.mod"), []byte(module(b)))
	version := 0
	change := func() {
		version++
		for n := range 100 {
			name := fmt.Sprintf("p%d", n)
			write(b, filepath.Join(dir, name, name+".go"), fmt.Appendf(nil, "%s\n// %d\n", largePackage(n), version))
		}
		run(b, dir, "go", "build", "./...")
	}
	change()
	run(b, dir, tool, "adopt", "./...")
	run(b, dir, "go", "vet", "-unusedresult", "./...")
	var ours, theirs usage
	for b.Loop() {
		change()
		ours.add(run(b, dir, tool, "adopt", "./..."))
		theirs.add(run(b, dir, "go", "vet", "-unusedresult", "./..."))
	}
	b.ReportMetric(float64(ours.wall)/float64(theirs.wall), "x/vet")
	b.ReportMetric(float64(ours.cpu)/float64(theirs.cpu), "x/vet-cpu")
	b.ReportMetric(float64(ours.memory)/float64(theirs.memory), "x/vet-memory")
	b.ReportMetric(ours.wall.Seconds()/float64(b.N), "s/adopt")
	b.ReportMetric(float64(ours.memory)/(1<<20), "MB/adopt")
	b.ReportMetric(0, "ns/op")
}

// A usage is what commands have taken: their time, and the most memory that one of their processes had.
type usage struct {
	wall, cpu time.Duration
	memory    int64
}

func (u *usage) add(o usage) {
	u.wall += o.wall
	u.cpu += o.cpu
	u.memory = max(u.memory, o.memory)
}

// run runs a command, of which exit code 1 says that it has found something.
func run(b *testing.B, dir, name string, args ...string) usage {
	b.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod", "GOWORK=off")
	start := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState.ExitCode() != 1 {
		b.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	u := usage{wall: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.memory = r.Maxrss << 10
	}
	return u
}

// largePackage is a package of some 400 lines with sessions in every tenth function.
func largePackage(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "package p%d\n\nimport (\n\t\"database/sql\"\n\t\"encoding/json\"\n\t\"fmt\"\n\t\"net/http\"\n\n\t\"github.com/alexedwards/scs/v2\"\n)\n\nvar (\n\tsessions *scs.SessionManager\n\tdb       *sql.DB\n)\n", n)
	for i := range 20 {
		fmt.Fprintf(&b, `
type record%[1]d struct {
	ID    int64
	Name  string
	Items map[string]int
}

func load%[1]d(r *http.Request, id int64) (*record%[1]d, error) {
	row := db.QueryRowContext(r.Context(), "select id, name from records where id = ?", id)
	var out record%[1]d
	if err := row.Scan(&out.ID, &out.Name); err != nil {
		return nil, fmt.Errorf("record %%d: %%w", id, err)
	}
	return &out, nil
}

func show%[1]d(w http.ResponseWriter, r *http.Request) {
	rec, err := load%[1]d(r, %[1]d)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(rec)
}
`, i)
	}
	fmt.Fprintf(&b, `
func login(w http.ResponseWriter, r *http.Request) {
	_ = sessions.RenewToken(r.Context())
	sessions.Put(r.Context(), "user_id", int64(%[1]d))
	sessions.Put(r.Context(), "page_%[1]d", "x")
}

func page(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintln(w, sessions.GetInt64(r.Context(), "user_id"), sessions.GetString(r.Context(), "page_%[1]d"))
}
`, n)
	return b.String()
}
