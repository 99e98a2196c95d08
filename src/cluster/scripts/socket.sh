# shellcheck shell=sh
# One command to an admin socket and its whole answer, by whatever here can speak to one: "ask
# SOCKET WORDS". 127: nothing can.
ask() {
	if command -v socat >/dev/null 2>&1; then printf '%s\n' "$2" | socat -t 3 - UNIX-CONNECT:"$1"
	elif command -v perl >/dev/null 2>&1; then
		# shellcheck disable=SC2016 # they are perl's
		perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "$!\n"; print $s "$ARGV[1]\n"; $s->flush; print while <$s>' "$1" "$2"
	elif command -v python3 >/dev/null 2>&1; then
		python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(sys.argv[2].encode() + b"\n")
sys.stdout.write(s.makefile(errors="replace").read())' "$1" "$2"
	else return 127; fi
}
