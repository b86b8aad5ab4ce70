# shellcheck shell=bash
#
# Debian packages for the scripts beside this file, which source it. Installs what is missing, and starts none of the
# services that a package brings. The script that sources it sets NAME, which stands before its messages.

say() { printf '%s: %s\n' "$NAME" "$*" >&2; }
die() {
  say "$*"
  exit 1
}

need_root() {
  [[ $EUID -eq 0 ]] || die "$NEEDS_ROOT"
}

# The second test is the one that counts after an interrupted installation.
install_packages() {
  local package missing=()
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true) == installed ]] || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  need_root
  command -v apt-get >/dev/null || die "needs the packages ${missing[*]}, and there is no apt-get here to install them: install them by hand"
  say "installing ${missing[*]}"
  local lock
  exec {lock}>/run/lock/s3dock-packages # else the first of two would take away what keeps the services of the other still
  flock "$lock"
  without_services apt_install "${missing[@]}"
  exec {lock}>&-
}

apt_install() {
  export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
  local log options=(-y -qq --no-install-recommends -o DPkg::Lock::Timeout=300)
  log=$(mktemp)
  apt-get install "${options[@]}" "$@" >"$log" 2>&1 || {
    say "the package lists may be old: updating them"
    apt-get update -qq >"$log" 2>&1 || true
    apt-get install "${options[@]}" "$@" >>"$log" 2>&1 || {
      cat "$log" >&2
      rm -f "$log"
      die "apt-get could not install $*: see its messages above"
    }
  }
  rm -f "$log"
}

# A freshly installed service would start at once, for the whole machine, which nobody asked for.
without_services() {
  local policy=/usr/sbin/policy-rc.d
  if [[ -e $policy ]]; then
    "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  "$@"
  rm -f "$policy"
  trap - EXIT
}
