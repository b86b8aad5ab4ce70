# shellcheck shell=bash
#
# Trees of Debian releases that are newer than the machine, for the scripts beside this file, which source it after
# packages.sh. Each is made once, and cached.

readonly MIRROR=${S3DOCK_DEBIAN_MIRROR:-http://deb.debian.org/debian}
readonly CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/s3dock/engines

# Of other packages, and all that they depend on. The number goes up when the list or the making changes.
readonly TREE_VERSION=2
tree_packages() {
  local base=base-files,bash,coreutils,iptables,mount
  case $1 in
    trixie) printf '%s,docker.io,docker-buildx\n' "$base" ;;
    forky) printf '%s,crane,docker.io,kubectl,oras,podman,skopeo,umoci\n' "$base" ;;
    *) die "unknown release '$1': trixie or forky" ;;
  esac
}

# Prints the path of the tree of a release. It is built beside its final name and renamed when complete, so that an
# interrupted build is never taken for a tree; the lock makes a second caller wait for the first.
debian_tree() {
  local release=$1 tree build lock
  tree=$CACHE/$release-$(dpkg --print-architecture)-$TREE_VERSION
  if [[ ! -d $tree ]]; then
    need_root
    install_packages mmdebstrap debian-archive-keyring
    mkdir -p "$CACHE"
    exec {lock}>"$CACHE/lock"
    flock "$lock"
    if [[ ! -d $tree ]]; then
      rm -rf -- "$CACHE"/building.*
      build=$(mktemp -d "$CACHE/building.XXXXXX")
      build_tree "$release" "$build" || die "mmdebstrap could not make a tree of Debian $release from $MIRROR: see $CACHE/$release.log"
      mv -T -- "$build" "$tree"
    fi
    exec {lock}>&-
  fi
  printf '%s\n' "$tree"
}

# Packages are unpacked and not configured: what runs here needs no services, users or caches, and that takes a quarter of
# the time. In namespaces of its own, whose mounts go when it is interrupted. Like debootstrap it takes a mirror that has
# not changed for long, such as a snapshot.
build_tree() {
  local release=$1 build=$2 packages
  packages=$(tree_packages "$release")
  say "making a tree of Debian $release in $CACHE (once, half a minute)"
  unshare --mount --pid --fork --kill-child -- \
    mmdebstrap --mode=root --variant=extract --format=directory --include="$packages" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
    "$release" "$build" "$MIRROR" >"$CACHE/$release.log" 2>&1 || {
    tail -n 5 "$CACHE/$release.log" >&2
    return 1
  }
  mkdir -p "$build"/{etc/docker,mnt,opt}
  printf 'root:x:0:0:root:/root:/bin/bash\n' >"$build/etc/passwd"
  printf 'root:x:0:\n' >"$build/etc/group"
  ln -sf xtables-nft-multi "$build/usr/sbin/iptables"
  ln -sf xtables-nft-multi "$build/usr/sbin/ip6tables"
  chmod 755 "$build"
}
