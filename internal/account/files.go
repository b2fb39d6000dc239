package account

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// SystemFile is the file that all users of the machine share.
const SystemFile = "/etc/posta/config.toml"

// homeVariable names the variable that holds the user's folder.
func homeVariable() string {
	if runtime.GOOS == "windows" {
		return "USERPROFILE"
	}
	return "HOME"
}

// A Source is where the configuration comes from.
type Source struct {
	Getenv func(string) string
	System string // the file that all users share; "" for none
}

// UserFile is the user's own file; "" where neither XDG_CONFIG_HOME nor a home folder is known, as under some
// service managers.
func (s Source) UserFile() string {
	if dir := s.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "posta", "config.toml")
	}
	if home := s.Getenv(homeVariable()); filepath.IsAbs(home) {
		return filepath.Join(home, ".config", "posta", "config.toml")
	}
	return ""
}

// A layer is one file of the configuration.
type layer struct {
	path     string
	required bool // it was asked for by name
	shared   bool // it is not the user's, who may not be meant to read it
}

// layers lists the files, those that count more first.
func (s Source) layers() []layer {
	all := []layer{
		{path: s.Getenv("POSTA_CONFIG"), required: true},
		{path: s.UserFile()},
		{path: s.System, shared: true},
	}
	named := all[:0]
	for _, l := range all {
		if l.path != "" {
			named = append(named, l)
		}
	}
	return named
}

// Load reads the files of the configuration: [SystemFile], the user's, and that in POSTA_CONFIG; each replaces what
// those before it say. One with root = true hides those before it. A file that is not there is passed over, except
// that in POSTA_CONFIG. Then POSTA_ACCOUNT, POSTA_QUEUE and POSTA_ALIASES replace the keys default, queue and aliases.
func (s Source) Load() (*Config, error) {
	c := &Config{source: s}
	for _, l := range s.layers() {
		f, err := l.read()
		if err != nil {
			return nil, err
		}
		if f.skipped != nil {
			c.skipped = append(c.skipped, f.skipped)
			continue
		}
		c.addBelow(l.path, f)
		if f.Root {
			break
		}
	}
	for variable, key := range map[string]*string{"POSTA_ACCOUNT": &c.Default, "POSTA_QUEUE": &c.Queue, "POSTA_ALIASES": &c.Aliases} {
		if v := s.Getenv(variable); v != "" {
			*key = v
		}
	}
	return c, nil
}

// read reads and decodes the file.
func (l layer) read() (*file, error) {
	f, err := os.Open(l.path)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist) && !l.required:
		return &file{skipped: fmt.Errorf("%s does not exist", l.path)}, nil
	case errors.Is(err, fs.ErrPermission) && l.shared:
		return &file{skipped: fmt.Errorf("%s may not be read", l.path)}, nil
	case l.required:
		return nil, &Error{Err: fmt.Errorf("POSTA_CONFIG: %w", err)}
	default:
		return nil, &Error{Err: err}
	}
	defer f.Close()
	return decode(f)
}
