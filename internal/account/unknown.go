package account

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/BurntSushi/toml"
)

// unknownKey is the error for a key that no struct has a field for. It names the nearest key of the same table.
func unknownKey(key toml.Key, name string) error {
	known, level := keys(reflect.TypeFor[file]()), 0
	if len(key) > 2 && strings.EqualFold(key[0], "account") {
		known, level = keys(reflect.TypeFor[table]()), 2
	}
	if len(key) > 3 && strings.EqualFold(key[2], "tls") {
		known, level = keys(reflect.TypeFor[TLS]()), 3
	}
	return &Error{File: name, Err: fmt.Errorf("unknown key %q (nearest: %q)", key.String(), Nearest(key[level], known))}
}

// keys lists the names that the fields of a struct have in TOML.
func keys(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("toml"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// Nearest is the one of known that takes the fewest edits to become name, "" where there is none.
func Nearest(name string, known []string) (best string) {
	least := -1
	for _, k := range known {
		if d := distance(strings.ToLower(name), k); least < 0 || d < least {
			best, least = k, d
		}
	}
	return best
}

// distance counts the octets to insert, drop, replace or swap with their neighbour to make b of a. Long names are
// compared by their beginnings.
func distance(a, b string) int {
	a, b = a[:min(len(a), 64)], b[:min(len(b), 64)]
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range b {
		rows[0][j+1] = j + 1
	}
	for i := range a {
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			d := min(rows[i][j]+cost, rows[i][j+1]+1, rows[i+1][j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, rows[i-1][j-1]+1)
			}
			rows[i+1][j+1] = d
		}
	}
	return rows[len(a)][len(b)]
}
