# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is for others
# Shared by the scripts beside it: where things are, how to say them, and how
# an entry gets into the cache whole or not at all.  Sourced, never run.

set -euo pipefail

# What of the caller's environment would build something else without a word in the
# cache's keys, change what commands print, or lead git to another repository.
unset CDPATH MAKEFLAGS MFLAGS MAKELEVEL CFLAGS CXXFLAGS CPPFLAGS LDFLAGS KCFLAGS KCPPFLAGS \
	GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_PREFIX LANGUAGE "${!LC_@}"
export LANG=C.UTF-8

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${XDG_CACHE_HOME:-${HOME:?is not set; set it, or XDG_CACHE_HOME}/.cache}/exynos-userptr
BUILD=$TOP/build
OUT=$TOP/out
JOBS=${JOBS:-$(nproc)}

say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
	say "$*"
	exit 1
}

# Before anything is fetched: neither the kernel's nor QEMU's build takes such a path.
case $TOP$CACHE in
*[[:space:]:]*) die "a path with a blank or a colon cannot be built in: $TOP, $CACHE; move it, or set XDG_CACHE_HOME" ;;
esac
case $CACHE in /*) ;; *) die "XDG_CACHE_HOME=$XDG_CACHE_HOME is not an absolute path" ;; esac
case $JOBS in *[!0-9]* | 0*) die "JOBS=$JOBS is not a number of jobs, which is 1 or more" ;; esac

# timed WHAT CMD...: run CMD with its output in a log; say what and how long.
timed() {
	local what=$1 log start rc=0
	shift
	mkdir -p "$BUILD/log"
	log=$BUILD/log/$(printf '%s' "$what" | tr -c 'A-Za-z0-9.\n' '-').log
	start=$(date +%s)
	say "$what ..."
	"$@" >"$log" 2>&1 </dev/null || rc=$?
	if [ "$rc" -ne 0 ]; then
		grep -niE 'error|no space|cannot|failed' "$log" | tail -n 5 >&2 || true
		die "$what failed with status $rc; the whole log is $log"
	fi
	say "$what: done in $(($(date +%s) - start)) s"
}

# What all the scripts together need of the host, so that whoever may not install
# packages is told once.
PACKAGES="bc bison ccache cpio device-tree-compiler dpkg-dev flex gcc gcc-aarch64-linux-gnu
	gcc-arm-linux-gnueabihf git
	libc6-dev libc6-dev-armhf-cross libelf-dev libfdt-dev libglib2.0-dev libpixman-1-dev
	libssl-dev make meson ninja-build patch perl pkg-config python3 python3-venv xz-utils
	zlib1g-dev"

# require_packages [PACKAGE...]: install what is missing of these, or of PACKAGES.
require_packages() {
	local absent=() p there
	# shellcheck disable=SC2086
	[ $# -gt 0 ] || set -- $PACKAGES
	# Of several architectures dpkg-query has a line on each; of one that it does not know none.
	there=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
	for p in "$@"; do
		grep -qxF -- "installed $p" <<<"$there" || absent+=("$p")
	done
	[ ${#absent[@]} -eq 0 ] && return
	if [ "$(id -u)" -ne 0 ]; then
		die "missing packages; run: sudo apt-get install -y ${absent[*]}"
	fi
	timed "install packages ${absent[*]:0:3} (${#absent[@]} in all)" \
		install_packages "${absent[@]}"
}

install_packages() {
	export DEBIAN_FRONTEND=noninteractive
	apt-get install -y --no-install-recommends "$@" ||
		{ apt-get update && apt-get install -y --no-install-recommends "$@"; }
}

# kernel_version TREE: the version that a kernel tree says it is, such as 7.3.
kernel_version() {
	awk '$1 == "VERSION" { v = $3 } $1 == "PATCHLEVEL" { print v "." $3; exit }' "$1/Makefile"
}

# tree_id PRISTINE: what identifies a kernel tree's content.  One in the cache is
# known by its name; one given by its path has no version that would tell when it
# changes.
tree_id() {
	case $1 in
	"$CACHE"/*) basename "$1" ;;
	*)
		(cd "$1" && {
			pwd
			# Whoever owns it: root builds a user's tree, too.
			git -c safe.directory='*' rev-parse HEAD 2>/dev/null
			git -c safe.directory='*' diff HEAD 2>/dev/null
			find . -name '.?*' -prune -o -type f -newer Kbuild ! -name '*.[ao]' -printf '%p %T@\n' |
				LC_ALL=C sort
		} | sha256sum)
		;;
	esac
}

# lay_over PRISTINE NEW LIST TREE: make TREE the pristine tree with the files that
# LIST, which is sorted, names taken from NEW, or missing when NEW does not have them.
# Only files whose content changes are written.  It dies rather than fails, for fillers
# run without "set -e".
lay_over() {
	local pristine=$1 new=$2 list=$3 tree=$4 id=$1 f
	# What is in the cache is the same for ever, another tree of the same name may not be.
	case $pristine in "$CACHE"/*) ;; *) id+=" $(tree_id "$pristine")" ;; esac
	[ "$(cat "$tree/.pristine" 2>/dev/null)" = "$id" ] || copy_tree "$pristine" "$tree" "$id" ||
		die "cannot copy $pristine to $tree"
	[ -f "$tree/.touched" ] || : >"$tree/.touched"
	# Before the first is written, so that after an interruption the next run knows of it.
	sort -u "$tree/.touched" "$list" >"$tree/.touched.new" && mv "$tree/.touched.new" "$tree/.touched" ||
		die "cannot write to $tree"
	while read -r f; do
		if [ -e "$new/$f" ]; then
			put "$new/$f" "$tree/$f" || die "cannot write $tree/$f"
		else
			rm -f "$tree/$f"
		fi
	done <"$list"
	comm -23 "$tree/.touched" "$list" | while read -r f; do
		if [ -e "$pristine/$f" ]; then
			put "$pristine/$f" "$tree/$f" || die "cannot write $tree/$f"
		else
			rm -f "$tree/$f"
		fi
	done || exit 1
	cp "$list" "$tree/.touched"
}

# copy_tree PRISTINE TREE ID: under another name until it is whole.  A tree that only
# scripts write to, which take care, shares its files with the pristine one.
copy_tree() {
	local copy=$2.new
	need_space "$(dirname "$2")" 2500
	rm -rf "$2" "$copy" || return
	{ [[ $2 == "$BUILD"/* ]] && cp -al "$1" "$copy" 2>/dev/null; } ||
		{ rm -rf "$copy" && cp -a --reflink=auto "$1" "$copy"; } || return
	# It may be such a tree itself.
	rm -f "$copy/.touched" "$copy/.pristine"
	: >"$copy/.touched" && printf '%s\n' "$3" >"$copy/.pristine" && mv -T "$copy" "$2"
}

put() { # FROM TO: a new file by rename, so that a hard link is never written through
	cmp -s "$1" "$2" && return
	mkdir -p "$(dirname "$2")" && cp "$1" "$2.new" && mv "$2.new" "$2"
}

# hash_of NAME...: one key for files, folders (their content) and =strings.
hash_of() {
	local a
	for a in "$@"; do
		case $a in
		=*) printf 'string %s\n' "${a#=}" ;;
		*)
			if [ -d "$a" ]; then
				(cd "$a" && find . -type f -print0 | LC_ALL=C sort -z |
					xargs -0r sha256sum)
			else
				sha256sum <"$a"
			fi
			;;
		esac
	done | sha256sum | cut -c1-16
}

# need_space DIR MIB: a full disk is said before the work, not in its middle.
need_space() {
	local free
	mkdir -p "$1" || die "cannot create $1"
	free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge "$2" ] && return
	case $1 in
	"$CACHE"*) die "$1 has $free MiB free and $2 MiB are needed; free some, or set XDG_CACHE_HOME to a larger disk" ;;
	*) die "$1 has $free MiB free and $2 MiB are needed; free some" ;;
	esac
}

# cached NAME CMD...: print the folder of cache entry NAME; when it is not
# there, CMD fills the folder given to it as last argument.  An entry appears
# by rename only, so one that exists is whole; the lock makes a second caller
# wait for the first one's result.
cached() {
	local name=$1 entry=$CACHE/$1 tmp
	shift
	if [ ! -d "$entry" ]; then
		need_space "$CACHE" "${NEED_MIB:-200}"
		mkdir -p "$CACHE/lock"
		exec 9>"$CACHE/lock/${name//\//-}"
		flock 9
		if [ ! -d "$entry" ]; then
			mkdir -p "$(dirname "$entry")"
			find "$(dirname "$entry")" -maxdepth 1 -name ".$(basename "$entry").??????" \
				-exec rm -rf {} +
			tmp=$(mktemp -d "$(dirname "$entry")/.$(basename "$entry").XXXXXX")
			chmod 755 "$tmp"
			# In a shell of its own, because a filler may die.
			if ! ("$@" "$tmp") >&2; then
				rm -rf "$tmp"
				die "could not make $name (see above)"
			fi
			mv -T "$tmp" "$entry"
		fi
		exec 9>&-
	fi
	touch -c "$entry"
	printf '%s\n' "$entry"
}

# once CMD [ARGUMENT...]: the last line that CMD prints, which is the folder of what it
# has made.  A run of the tests asks a thousand times, and is about what was there
# when it asked for the first time.
once() {
	local asked answer
	if [ -z "${EXYNOS_RUN-}" ]; then
		"$@" | tail -n 1
		return
	fi
	asked=$EXYNOS_RUN/$(hash_of "=${KERNEL-}" "${@/#/=}")
	if [ ! -s "$asked" ]; then
		answer=$("$@" | tail -n 1) || return
		printf '%s\n' "$answer" >"$asked.$$" && mv "$asked.$$" "$asked" || return
	fi
	cat "$asked"
}
