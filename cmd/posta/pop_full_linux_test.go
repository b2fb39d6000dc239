package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"posta/internal/sandbox"
)

// inNamespace is set for a test that runs itself again where it may mount.
const inNamespace = "TEST_IN_NAMESPACE"

// runInNamespace runs the test again in a mount namespace of its own, and says whether this is that run.
func runInNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv(inNamespace) != "" {
		if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
			t.Fatal(err)
		}
		return true
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), inNamespace+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	said, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
	case errors.As(err, &exit):
		t.Fatalf("%v\n%s", err, said)
	case os.Getenv("POSTA_REAL_SERVERS") == "require" && os.Getuid() == 0:
		t.Fatal(err)
	default:
		t.Skipf("no file system may be mounted here: %v", err)
	}
	return false
}

// smallDisk mounts a file system of so many octets at dir, or changes its size.
func smallDisk(t *testing.T, dir string, octets int, flags uintptr) {
	t.Helper()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", flags, fmt.Sprintf("size=%d", octets)); err != nil {
		t.Fatal(err)
	}
	if flags == 0 {
		t.Cleanup(func() { syscall.Unmount(dir, 0) })
	}
}

// numberedLetter is the i-th letter of so many octets, about.
func numberedLetter(i, octets int) string {
	return fmt.Sprintf("From: ann@example.org\r\nSubject: %d\r\n\r\n%s", i, strings.Repeat(fmt.Sprintf("letter %d\r\n", i), octets/10))
}

// TestPopDiskFull fetches onto a disk that is too small: told by 74, nothing is there in part, nothing is deleted on the server
// that is not here. With more room the next run fetches the rest, and nothing twice.
func TestPopDiskFull(t *testing.T) {
	if !runInNamespace(t) {
		return
	}
	for _, tc := range []struct {
		name           string
		store          string
		letters, octet int
		flag           string
	}{
		{"maildir", "maildir:%s/md", 40, 16 << 10, "--delete"},
		{"maildir, kept", "maildir:%s/md", 40, 16 << 10, "--new"},
		{"maildir, large letters", "maildir:%s/md", 4, 150 << 10, "--delete"},
		{"dir", "dir:%s/d", 40, 16 << 10, "--delete"},
		{"mbox", "mbox:%s/box", 40, 16 << 10, "--delete"},
		{"mbox, kept", "mbox:%s/box", 40, 16 << 10, "--new"},
		{"state alone", "maildir:%s/md", 3000, 10, "--new"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			disk := t.TempDir()
			smallDisk(t, disk, 256<<10, 0)
			sb := startTestSandbox(t, sandbox.Options{})
			f := &smallStore{t, sb, disk, fmt.Sprintf(tc.store, disk), "pop3"}
			all := f.deliver(tc.letters, tc.octet)
			f.get(exitIOErr, tc.flag)
			here := f.stored(all)
			if left := f.left(); left+len(here) < tc.letters {
				t.Fatalf("%d are here, %d on the server, of %d", len(here), left, tc.letters)
			}
			smallDisk(t, disk, 64<<20, syscall.MS_REMOUNT)
			f.get(exitOK, tc.flag)
			if here := f.stored(all); len(here) != tc.letters {
				t.Errorf("in the end %d of %d are here", len(here), tc.letters)
			}
			if left := f.left(); tc.flag == "--delete" && left > 0 {
				t.Errorf("in the end %d are left on the server", left)
			}
		})
	}
}

type smallStore struct {
	*testing.T
	sandbox  *sandbox.Sandbox
	disk     string
	store    string
	protocol string // "pop3", "imap"
}

// deliver gives the sandbox letters. It returns their texts, as they are stored.
func (f *smallStore) deliver(n, octets int) map[string]bool {
	f.Helper()
	all := map[string]bool{}
	var letters []string
	for i := range n {
		letters = append(letters, numberedLetter(i, octets))
		all[letters[i]] = true
	}
	deliverTo(f.T, f.sandbox, "bob@example.org", letters...)
	return all
}

func (f *smallStore) posta(args ...string) (stdout string, status int) {
	f.Helper()
	cmd := exec.Command("posta", append(args, "-a", f.protocol+"://bob%40example.org@"+f.sandbox.Addr(f.protocol))...)
	cmd.Env = append(os.Environ(), "POSTA_PASSWORD=x")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if text := stderr.String(); text != "" {
		f.Log(text)
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		f.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func (f *smallStore) get(want int, flag string) {
	f.Helper()
	if _, got := f.posta(strings.TrimSuffix(f.protocol, "3"), "get", flag, "--to", f.store); got != want {
		f.Errorf("exit status %d, want %d", got, want)
	}
}

// left is how many letters the server has.
func (f *smallStore) left() (n int) {
	f.Helper()
	out, status := f.posta("pop", "stat")
	if _, err := fmt.Sscan(out, &n); err != nil || status != exitOK {
		f.Fatalf("stat: %d, %q", status, out)
	}
	return n
}

// stored is what is there under final names: whole letters, each once, and nothing besides.
func (f *smallStore) stored(all map[string]bool) map[string]bool {
	f.Helper()
	here := map[string]bool{}
	for _, text := range storedTexts(f.T, f.store) {
		if !all[text] {
			f.Errorf("no letter: %d octets, %.60q…", len(text), text)
		}
		if here[text] {
			f.Errorf("twice: %.60q…", text)
		}
		here[text] = true
	}
	if left := unfinished(f.T, f.disk); len(left) > 0 {
		f.Errorf("left: %q", left)
	}
	return here
}
