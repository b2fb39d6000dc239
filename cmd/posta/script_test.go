package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/rogpeppe/go-internal/testscript"

	"posta/internal/sandbox"
)

// noRaceSleep lets a program with the race detector end at once instead of a second later, of which there are thousands.
const noRaceSleep = "atexit_sleep_ms=0"

func TestMain(m *testing.M) {
	os.Setenv("GORACE", noRaceSleep)
	testscript.Main(m, map[string]func(){"posta": main})
}

// TestScript runs the scripts in testdata/script: each is a behaviour that a user relies on.
//
// In a script, "exec posta …" runs the program as this test was built with it; it is also on PATH for what a script
// runs itself. The environment has no POSTA_* and no XDG_*; HOME is $WORK/home, and there is no configuration.
// Besides testscript's own commands there are
//
//	sandbox start [option...]
//	        starts a sandbox in this process and sets the variables that "posta sandbox run" sets: POSTA_CONFIG (the
//	        sandbox is the default account), POSTA_RESOLVER, POSTA_DIRECT_PORT and POSTA_POLICY_PORT, POSTA_SANDBOX (the control socket, for posta sandbox wait, list, get,
//	        fail…), POSTA_SANDBOX_SMTP, _SMTPS, _LMTP, _POP3, _POP3S, _IMAP, _IMAPS, _DNS (host:port), POSTA_SANDBOX_CA and _HOST. It ends with the
//	        script. Options: zone=FILE, dir=DIR, user=NAME:PASSWORD (any number), require-auth, without=KEYWORD,
//	        max-size=OCTETS, max-recipients=N, dane, mta-sts=MODE.
//	sandbox stop
//	        ends the sandbox; the variables stay, so that a script can see what happens when nobody is there.
//	[!] deliver FROM TO[,TO...] FILE
//	        hands the letter in FILE to the sandbox by go-smtp's client, line ends made CRLF; "!" if it is to be refused.
//	status N command [arg...]
//	        is exec, and fails unless the exit status is N. Standard input is that of the last "stdin FILE".
//	lines N FILE
//	        fails unless FILE ("stdout" and "stderr" too) has N lines.
//
// and the condition [root] (the user is root).
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setupScript,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"deliver": cmdDeliver,
			"sandbox": cmdSandbox,
			"status":  cmdStatus,
			"lines":   cmdLines,
		},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Getuid() == 0, nil
			}
			return false, errors.New("unknown condition")
		},
	})
}

// setupScript makes the script's home, and a place for its sandbox.
func setupScript(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	env.Setenv("HOME", home)
	env.Setenv("LC_ALL", "C.UTF-8")
	env.Setenv("TZ", "UTC")
	env.Setenv("GORACE", noRaceSleep)
	env.Values[runningSandbox{}] = new(*sandbox.Sandbox)
	return os.MkdirAll(home, 0o700)
}

// runningSandbox is the key under which a script's *sandbox.Sandbox is pointed to.
type runningSandbox struct{}

func cmdSandbox(ts *testscript.TestScript, neg bool, args []string) {
	switch {
	case neg || len(args) == 0:
		ts.Fatalf("usage: sandbox start [option...] | sandbox stop")
	case args[0] == "start":
		startSandbox(ts, args[1:])
	case args[0] == "stop":
		if sb := ts.Value(runningSandbox{}).(**sandbox.Sandbox); *sb == nil {
			ts.Fatalf("no sandbox is running")
		} else {
			ts.Check((*sb).Close())
		}
	default:
		ts.Fatalf("unknown: sandbox %s", args[0])
	}
}

func startSandbox(ts *testscript.TestScript, args []string) {
	var opt sandbox.Options
	for _, arg := range args {
		ts.Check(sandboxOption(ts, &opt, arg))
	}
	sb, err := sandbox.Start(context.Background(), opt)
	ts.Check(err)
	ts.Defer(func() { ts.Check(sb.Close()) })
	*ts.Value(runningSandbox{}).(**sandbox.Sandbox) = sb
	for _, kv := range sb.Environ() {
		name, value, _ := strings.Cut(kv, "=")
		ts.Setenv(name, value)
	}
}

func sandboxOption(ts *testscript.TestScript, opt *sandbox.Options, arg string) (err error) {
	name, value, _ := strings.Cut(arg, "=")
	switch name {
	case "zone":
		opt.Zone = ts.MkAbs(value)
	case "dir":
		opt.Dir = ts.MkAbs(value)
	case "user":
		if opt.Users == nil {
			opt.Users = map[string]string{}
		}
		user, password, _ := strings.Cut(value, ":")
		opt.Users[user] = password
	case "require-auth":
		opt.RequireAuth = true
	case "dane":
		opt.DANE = true
	case "mta-sts":
		opt.MTASTS, err = sandboxPolicy(value, sandbox.DefaultHost)
	case "without":
		opt.Without = append(opt.Without, value)
	case "max-size":
		opt.MaxSize, err = strconv.ParseInt(value, 10, 64)
	case "max-recipients":
		opt.MaxRecipients, err = strconv.Atoi(value)
	default:
		err = errors.New("unknown option: " + arg)
	}
	return err
}

func cmdDeliver(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: [!] deliver FROM TO[,TO...] FILE")
	}
	letter := strings.ReplaceAll(strings.ReplaceAll(ts.ReadFile(args[2]), "\r\n", "\n"), "\n", "\r\n")
	c, err := smtp.Dial(ts.Getenv("POSTA_SANDBOX_SMTP"))
	if err == nil {
		defer c.Close()
		err = c.SendMail(args[0], strings.Split(args[1], ","), strings.NewReader(letter))
	}
	if neg != (err != nil) {
		ts.Fatalf("deliver: %v", err)
	}
	if err != nil {
		ts.Logf("refused: %v", err)
	}
}

func cmdStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command [arg...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func cmdLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines N FILE")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := strings.Count(ts.ReadFile(args[1]), "\n"); got != want {
		ts.Fatalf("%s has %d lines, want %d", args[1], got, want)
	}
}
