#!/bin/sh
# packages.sh PACKAGE...: installs those Debian packages that are missing, and says
# nothing when none is. Where there is no apt, names what to install and leaves it
# to the build to say what it cannot find.
set -eu
missing=
for package; do
	case $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true) in
	installed) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null; then
	echo "This system has no apt-get. If the build misses something, install what corresponds to:$missing" >&2
	exit 0
fi
root=
if [ "$(id -u)" -ne 0 ]; then
	root=sudo
	command -v sudo >/dev/null || {
		echo "Missing packages. As root: apt-get install -y --no-install-recommends$missing" >&2
		exit 1
	}
fi
echo "  APT   $missing"
$root apt-get update -qq
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
