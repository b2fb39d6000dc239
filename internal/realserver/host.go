package realserver

import (
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience is how long a server may take to start, and to end.
const patience = 20 * time.Second

// Host is a server with all that it keeps in one folder.
type Host struct {
	Name  string
	Dir   string     // any user may go through
	Owner *user.User // as whom it runs: the test's own user, or, where that is root, another
}

// NewHost prepares the folder. Where the test runs as root, the server is to run as a user of this name.
func NewHost(t testing.TB, name, owner string) *Host {
	t.Helper()
	h := &Host{Name: name, Dir: t.TempDir()}
	var err error
	if h.Owner, err = user.Current(); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if h.Owner, err = user.Lookup(owner); err != nil {
			Absent(t, "there is no user "+owner)
		}
	}
	for dir := h.Dir; dir != filepath.Clean(os.TempDir()) && dir != "/"; dir = filepath.Dir(dir) {
		os.Chmod(dir, 0o755)
	}
	return h
}

// Path is that of a file in the host's folder.
func (h *Host) Path(name string) string { return filepath.Join(h.Dir, name) }

// Write writes a file, in whose text DIR, UID and GID stand for the host's; more are such words and what they stand for,
// in turn.
func (h *Host) Write(t testing.TB, name, text string, more ...string) {
	t.Helper()
	text = strings.NewReplacer(append([]string{"DIR", h.Dir, "UID", h.Owner.Uid, "GID", h.Owner.Gid}, more...)...).Replace(text)
	if err := os.WriteFile(h.Path(name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Mkdir makes a folder that belongs to the owner.
func (h *Host) Mkdir(t testing.TB, name string) {
	t.Helper()
	if err := os.Mkdir(h.Path(name), 0o755); err != nil {
		t.Fatal(err)
	}
	h.Own(t, h.Path(name))
}

// Own gives a file to the owner.
func (h *Host) Own(t testing.TB, path string) {
	t.Helper()
	uid, _ := strconv.Atoi(h.Owner.Uid)
	gid, _ := strconv.Atoi(h.Owner.Gid)
	if err := os.Chown(path, uid, gid); err != nil {
		t.Fatal(err)
	}
}

// Start starts a command that runs until the test ends, and waits until all these addresses answer: of TCP, or paths of
// Unix sockets.
func (h *Host) Start(t testing.TB, cmd *exec.Cmd, addrs ...string) {
	t.Helper()
	out, err := os.OpenFile(h.Path("out"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		cmd.Wait()
	}()
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		select {
		case <-gone:
		case <-time.After(patience):
			cmd.Process.Kill()
			t.Errorf("%s does not end", h.Name)
		}
	})
	for _, addr := range addrs {
		h.Await(t, addr)
	}
}

// Await waits until somebody answers at an address.
func (h *Host) Await(t testing.TB, addr string) {
	t.Helper()
	network := "tcp"
	if strings.HasPrefix(addr, "/") {
		network = "unix"
	}
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial(network, addr); err == nil {
			conn.Close()
			return
		}
	}
	t.Fatalf("no %s at %s: %s", h.Name, addr, h.Log())
}

// Log is what the server has written to its log, and said.
func (h *Host) Log() string {
	log, _ := os.ReadFile(h.Path("log"))
	out, _ := os.ReadFile(h.Path("out"))
	return string(log) + string(out)
}
