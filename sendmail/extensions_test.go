package sendmail

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseExtensions(t *testing.T) {
	x := parseExtensions("PIPELINING is my name\nsize 1000\n8bitMIME\nAuth plain SCRAM-SHA-256\nAUTH=LOGIN PLAIN\nDELIVERBY 240\n" +
		"FUTURERELEASE 86400 2026-12-31T00:00:00Z\n\n  CHUNKING  \nX-UNKNOWN a b")
	for _, test := range []struct {
		what     string
		got, exp any
	}{
		{"the first line is the greeting", x.pipelining, false},
		{"keywords in any case", x.eightBit && x.size, true},
		{"white space", x.chunking, true},
		{"SIZE", x.MaxSize(), int64(1000)},
		{"AUTH, and its old form", strings.Join(x.Auth(), " "), "PLAIN SCRAM-SHA-256 LOGIN"},
		{"DELIVERBY", x.DeliverByMin(), 240 * time.Second},
	} {
		if test.got != test.exp {
			t.Errorf("%s: %v", test.what, test.got)
		}
	}
	interval, until := x.FutureRelease()
	if interval != 24*time.Hour || until.Year() != 2026 {
		t.Error(interval, until)
	}
	if param, ok := x.Param("X-UNKNOWN"); !ok || param != "a b" {
		t.Error(param, ok)
	}
}

func TestMaxSize(t *testing.T) {
	for in, want := range map[string]int64{"SIZE": 0, "SIZE 0": 0, "SIZE -1": 0, "SIZE 99999999999999999999": 0, "SIZE x": 0, "SIZE 5 6": 0, "size 7": 7} {
		if got := parseExtensions("x\n" + in).MaxSize(); got != want {
			t.Errorf("%s: %d", in, got)
		}
	}
}

func FuzzExtensions(f *testing.F) {
	for _, s := range []string{"", "x\nSIZE 1\nAUTH A B", "x\nAUTH=A\nAUTH=", "x\nFUTURERELEASE 1 x\nDELIVERBY ,", "x\n \n\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		x := parseExtensions(in)
		if x.MaxSize() < 0 || x.DeliverByMin() < 0 {
			t.Fatal("negative")
		}
		x.FutureRelease()
		mechanisms := x.Auth()
		for i, m := range mechanisms {
			if m == "" || strings.ContainsAny(m, " \n") || slices.Index(mechanisms, m) != i {
				t.Fatalf("%q", mechanisms)
			}
		}
		for _, k := range x.Keywords {
			if k.Name == "" || !x.Has(k.Name) {
				t.Fatalf("%+v", k)
			}
		}
	})
}
