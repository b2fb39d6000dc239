package account

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// lookUp logs in at smtp://u@mail.example.org with an account that has this line.
func lookUp(t *testing.T, line string, env map[string]string) (*Login, error) {
	t.Helper()
	s := source(t, env)
	write(t, s.UserFile(), "[account.w]\nsmtp = 'smtp://u@mail.example.org'\n"+line+"\n", 0o600)
	a, err := s.Account("w")
	if err != nil {
		t.Fatal(err)
	}
	return a.Login(context.Background(), a.Servers[SMTP])
}

func TestPasswordSources(t *testing.T) {
	dir := t.TempDir()
	own := write(t, filepath.Join(dir, "own"), "s3cret\nsecond line\n", 0o600)
	crlf := write(t, filepath.Join(dir, "crlf"), "s3cret\r\n", 0o400)
	netrc := write(t, filepath.Join(dir, "netrc"), "machine mail.example.org login u password s3cret\n", 0o600)
	for _, c := range []struct {
		line string
		env  map[string]string
	}{
		{"password = 's3cret'", nil},
		{"password = 's3cret'", map[string]string{"POSTA_PASSWORD": "of another server"}},
		{"password = { command = ['printf', 's3cret\\nsecond line\\n'] }", nil},
		{"password = { command = ['sh', '-c', 'echo \"$0\"; echo complaint >&2', 's3cret'] }", nil},
		{"password = { file = '" + own + "' }", nil},
		{"password = { file = '" + crlf + "' }", nil},
		{"password = { env = 'OURS' }", map[string]string{"OURS": "s3cret"}},
		{"password = { credential = 'own' }", map[string]string{"CREDENTIALS_DIRECTORY": dir}},
		{"password = { netrc = true }", map[string]string{"NETRC": netrc}},
		{"", map[string]string{"POSTA_PASSWORD": "s3cret"}},
	} {
		l, err := lookUp(t, c.line, c.env)
		if err != nil || l.Password != "s3cret" || l.Username != "u" || l.Host != "mail.example.org" || l.Port != 587 {
			t.Errorf("%s: got %+v, %v", c.line, l, err)
		}
	}
}

func TestPasswordSourcesFail(t *testing.T) {
	dir := t.TempDir()
	open := write(t, filepath.Join(dir, "open"), "s3cret\n", 0o600)
	if err := os.Chmod(open, 0o640); err != nil {
		t.Fatal(err)
	}
	empty := write(t, filepath.Join(dir, "empty"), "\n", 0o600)
	for _, c := range []struct {
		line string
		env  map[string]string
		want string
	}{
		{"", nil, "no password for smtp://u@mail.example.org:587"},
		{"password = { command = ['sh', '-c', 'echo s3cret; echo no such key >&2; exit 3'] }", nil, "exit status 3: no such key"},
		{"password = { command = ['/nowhere/pass'] }", nil, "/nowhere/pass"},
		{"password = { command = ['true'] }", nil, "empty"},
		{"password = { command = ['cat'] }", nil, "empty"}, // standard input has nothing
		{"password = { command = ['printf', 'a\\rb'] }", nil, "line end"},
		{"password = { file = '" + open + "' }", nil, "chmod 600"},
		{"password = { file = '" + empty + "' }", nil, "empty"},
		{"password = { file = '/nowhere' }", nil, "/nowhere"},
		{"password = { env = 'OURS' }", nil, "OURS is not set"},
		{"password = { credential = 'own' }", nil, "CREDENTIALS_DIRECTORY"},
		{"password = { credential = '../x' }", map[string]string{"CREDENTIALS_DIRECTORY": dir}, "no name"},
		{"password = { netrc = true }", map[string]string{"NETRC": open}, "chmod 600"},
		{"password = { netrc = true }", map[string]string{"NETRC": empty}, "no password for u"},
		{"password = { netrc = true }", map[string]string{"XDG_CONFIG_HOME": dir, "HOME": "", "USERPROFILE": ""}, "is set"},
		{"token = { env = 'OURS' }\npassword = 'p'", nil, "token: the variable"},
	} {
		l, err := lookUp(t, c.line, c.env)
		if err == nil {
			t.Errorf("%s: got %v", c.line, l)
			continue
		}
		wantError(t, err, c.want)
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error shows the secret: %v", c.line, err)
		}
	}
}

func TestToken(t *testing.T) {
	l, err := lookUp(t, "token = { command = ['echo', 'ya29'] }", nil)
	if err != nil || l.Token != "ya29" || l.Password != "" {
		t.Errorf("got %+v, %v", l, err)
	}
}

func TestExternal(t *testing.T) {
	l, err := lookUp(t, "mechanism = 'external'", nil)
	if err != nil || !l.External || l.Mechanism != "EXTERNAL" {
		t.Errorf("got %+v, %v", l, err)
	}
}

func TestURLPassword(t *testing.T) {
	s := source(t, map[string]string{"POSTA_PASSWORD": "fromenv"})
	for u, want := range map[string]string{"smtp://u@h": "fromenv", "smtp://u:inurl@h": "inurl"} {
		a, err := s.Account(u)
		if err != nil {
			t.Fatal(err)
		}
		l, err := a.Login(context.Background(), a.Servers[SMTP])
		if err != nil || l.Password != want {
			t.Errorf("%s: got %+v, %v", u, l, err)
		}
	}
	a, _ := s.Account("smtp://h")
	if l, err := a.Login(context.Background(), a.Servers[SMTP]); l != nil || err != nil {
		t.Errorf("no user: got %v, %v", l, err)
	}
}

func TestCommandHasNoSecretInItsEnvironment(t *testing.T) {
	t.Setenv("POSTA_PASSWORD", "hunter2")
	t.Setenv("POSTA_TOKEN", "hunter2")
	got, err := runCommand(context.Background(), []string{"sh", "-c", `echo "[$POSTA_PASSWORD$POSTA_TOKEN]"`})
	if err != nil || got != "[]" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestCommandEndsAtItsLimit(t *testing.T) {
	_, err := runCommandFor(context.Background(), []string{"sh", "-c", "echo stuck >&2; exec sleep 600"}, 50*time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "no answer in 50ms: stuck") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := runCommand(ctx, []string{"sleep", "600"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

func TestNetrc(t *testing.T) {
	const text = "# comment machine h login u password no\n" +
		"macdef init\nmachine h login u password no\n\n" +
		"machine other login u password no\nmachine H\n\tlogin v\n\tpassword vv\n" +
		"machine h login u account x password \"a \\\" b\"\ndefault password dd\n"
	for _, c := range [][3]string{{"h", "u", `a " b`}, {"h", "v", "vv"}, {"h", "w", "dd"}, {"x", "u", "dd"}, {"other", "u", "no"}} {
		if got, err := scanNetrc(text, c[0], c[1]); err != nil || got != c[2] {
			t.Errorf("%s at %s: got %q, %v", c[1], c[0], got, err)
		}
	}
	if got, err := scanNetrc(`machine h login u password "open`, "h", "u"); err == nil {
		t.Errorf("open quotation mark: got %q", got)
	}
}

func FuzzNetrc(f *testing.F) {
	f.Add("machine h login u password p\ndefault login x password y\nmacdef a\nb\n\n", "h", "u")
	f.Add("machine \"h\" password \"\\\"\"#", "h", "")
	f.Fuzz(func(t *testing.T, text, host, user string) {
		if password, err := scanNetrc(text, host, user); err != nil && password != "" {
			t.Errorf("got %q with %v", password, err)
		}
	})
}
