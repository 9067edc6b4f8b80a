#!/usr/bin/env bash
# Runs a command in a clean Debian of another release, on a copy of this working tree. See --help.
set -euo pipefail

root="$(cd "$(dirname "$0")/.." && pwd)"
folder="$root/build/debian"

help() {
  cat <<'HELP'
Usage: scripts/in-debian.sh RELEASE [OPTION]... -- COMMAND [ARGUMENT...]

Runs COMMAND in a clean Debian RELEASE (12 or 13), at the root of a copy of this working tree: tracked and new files,
nothing that git ignores. The system is made by debootstrap from this machine's own apt sources, into build/debian/
(git-ignored, about 0.3 GB before set-up, 3 GB after), and kept: set-up, packages and build are there for the next call.
It needs root, for chroot and mounts; the mounts are this call's own and end with it.

  --fresh        remove the system first and make it anew
  --name NAME    a system of its own, build/debian/NAME, for packages that other calls must not find there
  --apt PACKAGE  have this Debian package in there; may be repeated
  --node DIR     put DIR/bin first on the PATH: another Node, unpacked here
  --with DIR     show the folder DIR of this machine in there too, read-only, under the same path; may be repeated
  ../shared, where it is, is shown beside the copy, read-only.

The Debian has a C++ compiler, git and curl's certificates. Node is that of --node, else the release's own where that is
20.19 or newer, else the one that runs here. GANDL_* and LIBTORCH* variables, CI and CXX go in; nothing else of the environment does.

Example: scripts/in-debian.sh 13 -- npm test
Example: scripts/in-debian.sh 12 --name 12-python --apt python3-venv -- python3 -m venv /opt/torch
HELP
}

fail() {
  printf 'in-debian: %s\n  fix: %s\n' "$1" "$2" >&2
  exit 2
}

release="" fresh=false shown=() name="" node="" packages=()
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) help; exit 0 ;;
    --fresh) fresh=true; shift ;;
    --with)
      [ $# -ge 2 ] && [ -d "$2" ] || fail "--with needs a folder that exists, not '${2:-}'." "name one, or leave --with out."
      shown+=("$(cd "$2" && pwd)"); shift 2 ;;
    --name)
      [[ "${2:-}" =~ ^[a-z0-9][a-z0-9.-]*$ ]] || fail "--name needs small letters, digits, dots or dashes, not '${2:-}'." "name the system, as in --name 12-python."
      name="$2"; shift 2 ;;
    --apt)
      [[ "${2:-}" =~ ^[a-z0-9][a-z0-9.+-]*$ ]] || fail "--apt needs the name of one Debian package, not '${2:-}'." "repeat --apt for more than one."
      packages+=("$2"); shift 2 ;;
    --node)
      [ $# -ge 2 ] && [ -x "$2/bin/node" ] || fail "--node needs a folder that holds bin/node, not '${2:-}'." "unpack a Node, or leave --node out."
      node="$(cd "$2" && pwd)"; shown+=("$node"); shift 2 ;;
    --) shift; break ;;
    -*) fail "unknown option $1." "scripts/in-debian.sh --help lists them." ;;
    *) [ -z "$release" ] || fail "a second release, $1." "put -- before the command."; release="$1"; shift ;;
  esac
done
case "$release" in
  12) suite=bookworm ;;
  13) suite=trixie ;;
  "") fail "no release was named." "scripts/in-debian.sh 13 -- npm test" ;;
  *) fail "release $release is not known." "name 12 or 13." ;;
esac
[ $# -gt 0 ] || fail "no command was named." "scripts/in-debian.sh $release -- npm test"
[ "$(id -u)" = 0 ] || fail "this needs root: chroot and mounts are root's." "run it with sudo."
[ "$(dpkg --print-architecture 2>/dev/null)" ] || fail "this machine is no Debian or Ubuntu: its apt sources are needed." "run it on one."
command -v debootstrap > /dev/null || fail "debootstrap is not installed." "apt-get install -y debootstrap"

name="${name:-$release}"
system="$folder/$name" home=/gan-dl
path="${node:+$node/bin:}/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# The first address of Debian's own archive that apt knows here.
mirror() {
  { sed -n 's/^URIs: *\([^ ]*\).*/\1/p' /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2> /dev/null || true
    sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2> /dev/null || true
  } | grep -m1 -E '/debian/?$' || true
}

# What lets programs in there reach the network as they do here: names, certificates, settings of apt, npm and pip.
carry_settings() {
  local file
  for file in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/npmrc; do
    [ ! -e "$file" ] || cp -L "$file" "$system$file"
  done
  mkdir -p "$system/root/.config/pip"
  for file in .npmrc .config/pip/pip.conf; do
    [ ! -e "$HOME/$file" ] || cp -L "$HOME/$file" "$system/root/$file"
  done
  grep -l '^Acquire::' /etc/apt/apt.conf.d/* 2> /dev/null | grep -v docker | while read -r file; do cp "$file" "$system/etc/apt/apt.conf.d/"; done || true
  if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    mkdir -p "$system/etc/ssl/certs"
    cp -L /etc/ssl/certs/ca-certificates.crt "$system/etc/ssl/certs/ca-certificates.crt"
  fi
}

in_system() { chroot "$system" env -i PATH="$path" HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }

make_system() {
  local from
  from="$(mirror)"
  [ -n "$from" ] || fail "no address of Debian's archive stands in /etc/apt." "add Debian's own source."
  echo "[in-debian] making Debian $release in build/debian/$name …" >&2
  rm -rf "$system.part"
  mkdir -p "$folder"
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$system.part" "$from" > "$folder/$name.log" 2>&1 ||
    fail "debootstrap failed: $(tail -1 "$folder/$name.log")" "read build/debian/$name.log; the archive must have $suite."
  mv "$system.part" "$system"
}

add_tools() {
  [ ! -e "$system/etc/gandl-tools" ] || return 0
  local tools="g++ git procps"
  [ "$release" = 12 ] || tools="$tools nodejs npm"
  in_system apt-get -q update >&2
  # shellcheck disable=SC2086
  in_system apt-get -q install -y --no-install-recommends $tools >&2
  touch "$system/etc/gandl-tools"
}

# What --apt names and is not there yet.
add_packages() {
  local package missing=()
  for package in "$@"; do
    [ "$(in_system dpkg-query --show --showformat='${db:Status-Status}' "$package" 2> /dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  in_system apt-get -q install -y --no-install-recommends "${missing[@]}" >&2 ||
    fail "apt-get did not install ${missing[*]}." "see its message above; --fresh makes the system anew."
}

# Debian 12's own Node is 18: the one that runs here goes in. A Node of --node is seen by its folder; npm comes from here either way.
add_node() {
  [ "$release" = 12 ] || [ -n "$node" ] || return 0
  local npm
  npm="$(readlink -f "$(command -v npm)")"
  mkdir -p "$system/usr/local/bin" "$system/usr/local/lib/npm"
  [ "$release" != 12 ] || cp -L "$(node -p process.execPath)" "$system/usr/local/bin/node"
  cp -a "$(dirname "$(dirname "$npm")")/." "$system/usr/local/lib/npm/"
  ln -sf ../lib/npm/bin/npm-cli.js "$system/usr/local/bin/npm"
  ln -sf ../lib/npm/bin/npx-cli.js "$system/usr/local/bin/npx"
}

# The working tree as a clone would have it, with what is not committed yet; builds and packages of earlier calls stay.
copy_tree() {
  mkdir -p "$system$home"
  find "$system$home" -mindepth 1 -maxdepth 1 ! -name node_modules ! -name build ! -name dist -exec rm -rf {} +
  (cd "$root" && git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
    tar --null --no-recursion -T - -cf -) | tar -xf - -C "$system$home"
}

# Runs in a mount and process namespace of its own; what it mounts and starts ends with it.
enter() {
  mount -t proc proc "$system/proc"
  mount --rbind /dev "$system/dev"
  mount -t tmpfs tmpfs "$system/dev/shm" 2> /dev/null || true
  local dir
  for dir in "$@"; do
    mkdir -p "$system$dir"
    mount --bind "$dir" "$system$dir"
    mount -o remount,bind,ro "$system$dir"
  done
  if [ -d "$root/../shared" ]; then
    mkdir -p "$system/shared"
    mount --bind "$root/../shared" "$system/shared"
    mount -o remount,bind,ro "$system/shared"
  fi
}

if [ "${GANDL_IN_DEBIAN:-}" != entered ]; then
  if $fresh; then rm -rf "$system"; fi
  [ -d "$system" ] || make_system
  carry_settings
  options=("$release" --name "$name")
  [ -z "$node" ] || options+=(--node "$node")
  for package in ${packages[@]+"${packages[@]}"}; do options+=(--apt "$package"); done
  for dir in ${shown[@]+"${shown[@]}"}; do options+=(--with "$dir"); done
  GANDL_IN_DEBIAN=entered exec unshare --mount --pid --fork --kill-child "$0" "${options[@]}" -- "$@"
fi

enter ${shown[@]+"${shown[@]}"}
add_tools
add_packages ${packages[@]+"${packages[@]}"}
add_node
copy_tree
passed=()
while IFS= read -r pair; do passed+=("$pair"); done < <(env | grep -E '^(GANDL_|LIBTORCH|CI=|CXX=|OMP_|PIP_|npm_config_|NODE_)' | grep -v '^GANDL_IN_DEBIAN=')
exec chroot "$system" env -i PATH="$path" HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
  ${passed[@]+"${passed[@]}"} bash -c "cd $home && exec \"\$@\"" bash "$@"
