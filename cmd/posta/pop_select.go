package main

import (
	"strconv"
	"strings"

	"posta/fetch/pop3"
)

// selectLetters finds the letters that arguments name, in the order of the mailbox: unique-ids, numbers, and ranges of
// numbers (3-7, 3-). No arguments are all letters. Missing are arguments that name none.
func selectLetters(all []pop3.Letter, args []string) (letters []pop3.Letter, missing []string) {
	if len(args) == 0 {
		return all, nil
	}
	wanted := map[int]bool{}
	byUID := map[string][]int{}
	for i := range all {
		byUID[all[i].UID] = append(byUID[all[i].UID], i)
	}
	for _, arg := range args {
		found := byUID[arg]
		if from, to, ok := numberRange(arg); ok {
			found = nil
			for i := range all {
				if all[i].Number >= from && all[i].Number <= to {
					found = append(found, i)
				}
			}
		}
		if uid, ok := strings.CutPrefix(arg, "uid:"); ok && uid != "" {
			found = byUID[uid]
		}
		if len(found) == 0 || arg == "" {
			missing = append(missing, arg)
			continue
		}
		for _, i := range found {
			wanted[i] = true
		}
	}
	for i := range all {
		if wanted[i] {
			letters = append(letters, all[i])
		}
	}
	return letters, missing
}

// numberRange reads "7", "3-7" and "3-".
func numberRange(arg string) (from, to int, ok bool) {
	low, high, ranged := strings.Cut(arg, "-")
	from, err := strconv.Atoi(low)
	if err != nil || from < 1 {
		return 0, 0, false
	}
	switch {
	case !ranged:
		return from, from, true
	case high == "":
		return from, 1<<31 - 1, true
	}
	to, err = strconv.Atoi(high)
	return from, to, err == nil && to >= from
}

// missing tells of arguments that name no letter.
func (s *popSession) missing(args []string) *failures {
	f := &failures{}
	for _, arg := range args {
		s.env.warn("no letter %q in the mailbox", arg)
		f.note(silent(exitNegative))
	}
	return f
}
