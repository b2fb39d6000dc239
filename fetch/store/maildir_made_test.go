package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A folder that was made, and cannot be made durable, is told of with the first message, or by Flush or Close without one.
func TestMaildirThatWasMadeIsSynced(t *testing.T) {
	for name, do := range map[string]func(*Maildir) error{
		"message": func(m *Maildir) error {
			r, err := m.Put(context.Background(), &Message{Reader: strings.NewReader("a: b\r\n\r\nc\r\n")})
			return errors.Join(err, m.Flush(context.Background()), r.Err())
		},
		"flush": func(m *Maildir) error { return m.Flush(context.Background()) },
		"close": func(m *Maildir) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			for _, gone := range []bool{false, true} {
				m, err := OpenMaildir(filepath.Join(t.TempDir(), "made"), Options{})
				if err != nil {
					t.Fatal(err)
				}
				if len(m.files.made) != 2 {
					t.Fatalf("to be synced: %q", m.files.made)
				}
				if gone {
					m.files.made[1] = filepath.Join(m.dir, "gone")
				}
				err = errors.Join(do(m), m.Close())
				var write *WriteError
				if gone != errors.As(err, &write) || gone != errors.Is(err, os.ErrNotExist) || !gone && err != nil {
					t.Errorf("gone %t: %v", gone, err)
				}
			}
		})
	}
}
