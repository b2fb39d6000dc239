#!/bin/sh
# The main jobs of posta, on a mail host that exists for this script alone. Run it with
#
#	go run ./cmd/posta sandbox run -- sh examples/tour.sh
#
# Each step shows the commands as they would be typed, runs them, and ends the tour if anything is not as it should be.
set -eu

if [ -z "${POSTA_SANDBOX-}" ]; then
	echo 'tour.sh: run me with a sandbox: posta sandbox run -- sh examples/tour.sh' >&2
	exit 64
fi

if [ -t 1 ]; then bold=$(printf '\033[1m') dim=$(printf '\033[2m') plain=$(printf '\033[m'); else bold='' dim='' plain=''; fi

# step says what comes next.
step() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# try shows a command and runs it. The exit status has to be the first argument.
try() {
	printf '%s\n' "$2" | sed "s/^/  $dim\$$plain /; 2,\$s/\\\$/>/"
	got=0
	eval "$2" >"$work/out" 2>&1 || got=$?
	sed 's/^/    /' "$work/out"
	[ "$got" = 0 ] || printf '    %s(exit status %s)%s\n' "$dim" "$got" "$plain"
	if [ "$got" != "$1" ]; then
		printf '\ntour.sh: that ended with %s instead of %s\n' "$got" "$1" >&2
		exit 1
	fi
}

# saw ends the tour unless the last command's output has a line like that.
saw() {
	if ! grep -q -e "$1" "$work/out"; then
		printf '\ntour.sh: the output above has no line like: %s\n' "$1" >&2
		exit 1
	fi
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$work"
posta sandbox reset

step 'Text goes in at one end, a letter comes out at the other.'
try 0 'echo "The disk is nearly full." | posta send -s "disk space" admin@example.org'
try 0 'posta sandbox wait --to admin@example.org'
saw 'disk space$'
try 0 'posta sandbox get --last'
saw '^ *Subject: disk space'
saw '^ *The disk is nearly full\.'

step 'An attachment, a copy, and a subject that is not English.'
printf 'day,letters\nMonday,1024\nTuesday,4096\n' >letters.csv
try 0 'posta send -s "Zahlen für März ✉" -A letters.csv --cc bob@example.org alice@example.org <<.
Dear Alice,

the numbers are in the attachment.
.'
try 0 'posta sandbox wait --to bob@example.org --subject "März ✉" --body "Tuesday,4096"'
saw 'alice@example.org,bob@example.org'
try 0 'posta sandbox get --to bob@example.org | grep -i "^subject:\|^content-disp"'
saw '=?utf-8?'
saw 'attachment; filename=.*letters.csv'

step 'What came is looked into and taken apart: the parts as IMAP numbers them, a subject decoded, the attachment as it was.'
try 0 'posta sandbox get --to bob@example.org | posta mime tree'
saw 'letters.csv'
try 0 'posta sandbox get --to bob@example.org | posta mime header -d Subject'
saw 'Zahlen für März ✉$'
try 0 'posta sandbox get --to bob@example.org | posta mime unpack -d files
cmp letters.csv files/letters.csv && cat files/letters.csv'
saw 'Tuesday,4096'

step 'A job under cron: a letter if it said something, none if it did not.'
try 0 'mark=$(posta sandbox mark)
true | posta send --if-nonempty -s "nightly backup" ops@example.org
posta sandbox expect-none --since $mark'
try 0 '{ echo "backup: disk 3 does not answer"; } 2>&1 | posta send --if-nonempty -s "nightly backup" ops@example.org'
try 0 'posta sandbox wait --since $mark --subject "nightly backup"'
saw 'ops@example.org'

step 'A script can tell later from never: a greylisted recipient is 75, an unknown one 67.'
try 0 'posta sandbox fail --stage rcpt --match "grey@*" --reply "451 4.7.1 Greylisted, come back in a minute" --times 1
posta sandbox fail --stage rcpt --match "nobody@*" --reply "550 5.1.1 No such user here"'
try 75 'echo hello | posta send -s hello grey@example.org'
saw 'Greylisted'
try 0 'echo hello | posta send -s "hello again" grey@example.org'
try 67 'echo hello | posta send -s hello nobody@example.org'
saw 'No such user here'

step 'With several recipients the others get theirs; the status is 3, and each refusal is a line.'
try 3 'echo "Lunch at noon." | posta send -s lunch carol@example.org nobody@example.org dave@example.org'
saw 'nobody@example.org'
try 0 'posta sandbox wait --to carol@example.org'
saw 'carol@example.org,dave@example.org'

step 'The server searches: UIDs, or lines to read. Nothing is marked as read by it.'
try 0 'posta imap search subject "März ✉" larger 100'
saw '^2$'
try 0 'posta imap list to ops@example.org since today not seen'
saw 'nightly backup'
try 1 'posta imap search from nobody-of-that-name'

step 'A message comes down a pipe; its attachment alone comes over the wire, too.'
try 0 'posta imap get 2 | posta mime unpack -d again
cmp letters.csv again/letters.csv'
try 0 'posta imap attachments -d bills subject März
cmp letters.csv bills/letters.csv'
saw 'letters.csv'

step 'A download remembers what has come: the second run fetches nothing.'
try 0 'posta imap get --new --to maildir:imap
ls imap/new | wc -l'
saw '^ *5$'
try 0 'posta imap get --new --to maildir:imap
ls imap/new | wc -l'
saw '^ *5$'

step 'Mail comes home over POP3: stored in a Maildir first, and only then deleted on the server.'
try 0 'posta pop list --headers'
saw 'nightly backup'
try 0 'posta pop get --delete --to maildir:home
ls home/new | wc -l'
saw '^ *5$'
try 0 'posta pop stat'
saw '^0'

step 'Here every domain has its mail at the sandbox.'
try 0 'posta mx example.org bob@example.net'
saw 'example.net.*mx.sandbox.test'

step 'What decides whether mail to a domain arrives, and where a letter waited on its way.'
try 1 'posta mx check --dns-only example.org'
saw '^ *bad.*127.0.0.1 is not a public address'
try 0 'posta mx trace --no-verify <<.
Received: from b.example by c.example; Thu, 1 Jan 2026 11:00:05 +0000
Received: from a.example by b.example; Thu, 1 Jan 2026 11:00:00 +0000
Date: Thu, 1 Jan 2026 10:00:00 +0000
From: alice@example.org

Where was I?
.'
saw '3600s.*here it waited longest'

step 'Bounces tell a list which addresses to drop: those that failed for good.'
try 0 'posta mx bounce <<.
From: MAILER-DAEMON@mx.example.net
Subject: failure notice

Hi. This is the qmail-send program at mx.example.net.

<gone@example.net>:
192.0.2.1 does not like recipient. Remote host said: 550 5.1.1 no such user
.'
saw 'gone@example.net.*permanent.*5.1.1.*no such mailbox'

step 'All that was caught: number, time, sender, recipients, octets, subject.'
try 0 'posta sandbox list'
[ "$(wc -l <"$work/out")" -eq 5 ] || { printf '\ntour.sh: there should be five letters\n' >&2; exit 1; }

step 'That was the tour. The mail host is gone now, and has left nothing behind.'
echo '  Next: posta man send, posta man imap, posta man pop, posta man mime, posta man sandbox'
