package main

import "github.com/urfave/cli/v2"

func newMimeCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:  "mime",
		Usage: "pack, unpack, look into and change messages",
		Subcommands: []*cli.Command{
			newMimePackCommand(e),
			newMimeUnpackCommand(e),
			newMimeEncodeCommand(e),
			newMimeDecodeCommand(e),
			newMimePartCommand(e),
			newMimeTextCommand(e),
			newMimeJSONCommand(e),
			newMimeLintCommand(e),
			newMimeSplitCommand(e),
			newMimeJoinCommand(e),
			newMimeSetCommand(e),
			newMimeStripCommand(e),
			newMimeTreeCommand(e),
			newMimeHeaderCommand(e),
		},
	}
}
