package main

import (
	"strconv"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/urfave/cli/v2"

	"posta/fetch/imap"
)

func newIMAPStatusCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:      "status",
		Usage:     "print how many messages are in folders, and UIDs",
		ArgsUsage: "[FOLDER...]",
		Flags:     imapFlags(nulFlag()),
		Action:    func(c *cli.Context) error { return runIMAPStatus(c, e) },
	}
}

// folderStatus is what STATUS tells (RFC 9051 §6.3.11). What the server does not know is nil.
type folderStatus struct {
	Messages      *int64 `json:"messages,omitempty"`
	Unseen        *int64 `json:"unseen,omitempty"`
	Recent        *int64 `json:"recent,omitempty"`
	Deleted       *int64 `json:"deleted,omitempty"`
	Size          *int64 `json:"size,omitempty"`
	UIDNext       uint32 `json:"uidnext,omitempty"`
	UIDValidity   uint32 `json:"uidvalidity,omitempty"`
	HighestModSeq uint64 `json:"highestmodseq,omitempty"`
}

// folderStatusItems are what is asked for of many folders: none of them costs a server much.
func folderStatusItems() *goimap.StatusOptions {
	return &goimap.StatusOptions{NumMessages: true, NumUnseen: true, UIDNext: true, UIDValidity: true}
}

func (s *imapSession) askStatus(folder string) *imap.Pending[goimap.StatusData] {
	return s.client.Status(folder, *folderStatusItems())
}

func (f *folderStatus) take(data *goimap.StatusData) {
	wide := func(n *uint32) *int64 {
		if n == nil {
			return nil
		}
		count := int64(*n)
		return &count
	}
	f.Messages, f.Unseen, f.Recent, f.Deleted = wide(data.NumMessages), wide(data.NumUnseen), wide(data.NumRecent), wide(data.NumDeleted)
	f.Size, f.UIDNext, f.UIDValidity, f.HighestModSeq = data.Size, uint32(data.UIDNext), data.UIDValidity, data.HighestModSeq
}

// countText is a count that may not be known.
func countText(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

// statusLine is what status --json prints.
type statusLine struct {
	Folder string `json:"folder"`
	folderStatus
}

func runIMAPStatus(c *cli.Context, e *env) error {
	folders := c.Args().Slice()
	if len(folders) == 0 {
		folders = []string{"INBOX"}
	}
	nulLines(c, e)
	return runIMAP(c, e, func(s *imapSession) error {
		items := *folderStatusItems()
		items.NumRecent, items.NumDeleted, items.Size, items.HighestModSeq = true, true, true, true
		ask := func(folder string) *imap.Pending[goimap.StatusData] { return s.client.Status(folder, items) }
		return eachFolder(s, folders, ask, func(folder string, data goimap.StatusData) error {
			line := &statusLine{Folder: folder}
			line.take(&data)
			return line.print(c, e.out)
		})
	})
}

func (l *statusLine) print(c *cli.Context, out *output) error {
	if c.Bool("json") {
		return out.JSON(l)
	}
	return out.Line(l.Folder, countText(l.Messages), countText(l.Unseen), strconv.FormatUint(uint64(l.UIDNext), 10),
		strconv.FormatUint(uint64(l.UIDValidity), 10), countText(l.Size))
}
