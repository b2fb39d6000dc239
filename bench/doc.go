// Package bench races posta against the programs that it is meant to replace, and counts the turns of the wire. It has no
// code of its own. Each benchmark does one job with one program after the other, in turn, on one server of its own, and
// looks whether the job was done; programs that are not installed are left out.
//
//	go test -run - -bench . -benchtime 5x -timeout 1h ./bench
//
// What is reported is the median of each program's seconds, and posta's time as a part of its best peer's: below 1 posta is
// ahead. Only ratios of one run say something; a machine that does other things at the time says little.
package bench
