// Package md2man stands in for the Markdown converter that urfave/cli imports to generate manual pages. posta writes
// its own pages, and the converter's tables would be built at each start of the program (0.4 ms, a seventh of it all).
package md2man

// Render returns doc as it is: nothing in posta calls it.
func Render(doc []byte) []byte { return doc }
