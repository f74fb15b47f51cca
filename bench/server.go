package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/sessiongen/sessiongen/bench/measure"
	"github.com/sessiongen/sessiongen/bench/peer"
)

// redisScheme begins the address of a Redis where that of a memcached could stand.
const redisScheme = "redis://"

// served are the contenders over HTTP, in the same order here and in the process that serves them: the handler
// without any session first, then the bare client.
func served(store string) ([]peer.Contender, error) {
	if addr, ok := strings.CutPrefix(store, redisScheme); ok {
		all, err := onRedisAt(addr)
		return append([]peer.Contender{peer.Nothing()}, all...), err
	}
	memcached := store
	ours, err := peer.OursOn(memcached, peer.Nine)
	if err != nil {
		return nil, err
	}
	size, err := storedSize(ours[0])
	if err != nil {
		return nil, err
	}
	all := append([]peer.Contender{peer.Nothing(), peer.Bare(memcached, size)}, ours...)
	return append(all, peer.SCS(memcached, peer.Nine, false), peer.Gorilla(memcached, peer.Nine, true), peer.Tornado(memcached, peer.Nine)), nil
}

// serve is the server process: it writes its address to its standard output and ends when its standard input does.
func serve(store string) error {
	contenders, err := served(store)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	for i, c := range contenders {
		for path, h := range map[string]http.Handler{read.key: c.Read(peer.VisitorName), write.key: c.Write, "create": c.Create} {
			mux.Handle(fmt.Sprintf("GET /%d/%s", i, path), h)
		}
	}
	mux.HandleFunc("GET /profile", pprof.Profile)
	mux.HandleFunc("GET /cpu", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, int64(measure.CPU())) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = l.Close()
	}()
	if err := http.Serve(l, mux); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// A server is the process that serves.
type server struct {
	addr  string
	cmd   *exec.Cmd
	stdin io.Closer
}

// startServer runs this program once more.
func startServer(store string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "-serve", store)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd, stdin: stdin}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("the server process says nothing: %w", err)
	}
	s.addr = strings.TrimSpace(line)
	return s, nil
}

func (s *server) stop() {
	_ = s.stdin.Close()
	_ = s.cmd.Wait()
}

// get fetches a path and returns the answer's body and header.
func (s *server) get(path string) (string, http.Header, error) {
	resp, err := http.Get("http://" + s.addr + path)
	if err != nil {
		return "", nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", path, resp.Status, b)
	}
	return string(b), resp.Header, err
}

// cpu is the time in nanoseconds that the server has used so far.
func (s *server) cpu() (float64, error) {
	text, _, err := s.get("/cpu")
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(text, 64)
}
