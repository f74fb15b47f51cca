package vet_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkAgainstLostcancel runs go vet with sessionvet and go vet -lostcancel by turns on a package of 10,000 lines
// that has changed since the last run, while the facts of its dependencies are cached. x/lostcancel is the ratio of
// the times, which is to stay below 1.3; x/lostcancel-cpu is that of the processor's time, which a busy machine
// disturbs less.
//
//	go test -run '^$' -bench Lostcancel -benchtime 5x ./generator/vet
func BenchmarkAgainstLostcancel(b *testing.B) {
	testdata, err := filepath.Abs("testdata")
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	run := func(at string, name string, args ...string) cost {
		cmd := exec.Command(name, args...)
		cmd.Dir = at
		cmd.Env = append(os.Environ(), "GOWORK="+filepath.Join(dir, "go.work"))
		start := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
		state := cmd.ProcessState // the processes that it has waited for count
		return cost{time.Since(start), state.UserTime() + state.SystemTime()}
	}
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	root := filepath.Dir(filepath.Dir(filepath.Dir(testdata)))
	write("go.work", fmt.Sprintf("go 1.26.0\n\nuse (\n\t%q\n\t%q\n\t./large\n)\n", testdata, root))
	write("large/go.mod", "module example.com/large\n\ngo 1.26.0\n")
	large := filepath.Join(dir, "large")
	tool := filepath.Join(dir, "sessionvet")
	run(root, "go", "build", "-o", tool, "./cmd/sessionvet")

	source := largePackage(10_000)
	version := 0
	measure := func(args ...string) cost {
		version++
		write("large/large.go", fmt.Sprintf("%s\nconst version = %d\n", source, version))
		return run(large, "go", append([]string{"vet"}, append(args, ".")...)...)
	}
	measure("-vettool=" + tool)
	measure("-lostcancel")

	var ours, theirs cost
	for b.Loop() {
		ours.add(measure("-vettool=" + tool))
		theirs.add(measure("-lostcancel"))
	}
	b.ReportMetric(float64(ours.wall)/float64(theirs.wall), "x/lostcancel")
	b.ReportMetric(float64(ours.cpu)/float64(theirs.cpu), "x/lostcancel-cpu")
	b.ReportMetric(ours.wall.Seconds()/float64(b.N), "s/sessionvet")
	b.ReportMetric(theirs.wall.Seconds()/float64(b.N), "s/lostcancel")
	b.ReportMetric(0, "ns/op")
}

// A cost is the time that a command takes.
type cost struct{ wall, cpu time.Duration }

func (c *cost) add(other cost) {
	c.wall += other.wall
	c.cpu += other.cpu
}

// largePackage returns a package of so many lines of handlers, each of which is right.
func largePackage(lines int) string {
	var src strings.Builder
	src.WriteString(`package large

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"example.com/shop/helpers"
	"example.com/shop/web"
)

type app struct {
	*helpers.App
	sessions *web.Sessions
}

func (a *app) find(ctx context.Context, name string) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	<-ctx.Done()
	return 0, errors.New("not found")
}
`)
	for n := 0; strings.Count(src.String(), "\n") < lines; n++ {
		fmt.Fprintf(&src, `
func (a *app) handler%[1]d(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	switch r.FormValue("action") {
	case "add":
		if err := helpers.AddItem(s, r.FormValue("sku"), %[1]d); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	case "login":
		id, err := a.find(r.Context(), r.FormValue("name"))
		if err != nil {
			s.SetNotice("who?")
			break
		}
		helpers.Login(s, id, r.FormValue("name"))
	default:
		for i, it := range s.Cart() {
			log.Printf("%%d: %%s", i, it.SKU)
		}
		a.show%[1]d(w, s, "nothing to do")
		return
	}
	if err := s.Save(); err != nil {
		helpers.Fail(w, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *app) show%[1]d(w http.ResponseWriter, s *web.Session, text string) {
	if notice, ok := s.TakeNotice(); ok {
		text += notice
	}
	fmt.Fprintf(w, "%%s, %%s", helpers.Name(s), text)
}
`, n)
	}
	return src.String()
}
