#!/bin/sh
# Makes root file systems from Debian packages. To be run in mount and process namespaces of its own: whatever ends it, nothing stays mounted or running.
#   build-root.sh base WORK OUT MIRROR             a minimal Debian
#   build-root.sh layer WORK OUT BASE USERS AFTER PACKAGE...   what the packages add to it
# WORK is an empty folder; OUT a folder for layer.tar.gz, its sha256 in digest and that of the unpacked tar in diff-id.
# USERS is lines of "name uid gid"; AFTER a script to run in the new root.
set -eu
kind=$1 work=$2 out=$3
shift 3
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
root=$work/root
mkdir -p "$root"

if [ "$kind" = base ]; then
  debootstrap --variant=minbase --include=busybox,ca-certificates bookworm "$root" "$1" >&2
  # No package may start a daemon, and what only people read stays out.
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  printf 'path-exclude=%s\n' '/usr/share/doc/*' '/usr/share/man/*' '/usr/share/locale/*' '/usr/share/info/*' '/usr/lib/*/libLLVM*' '/usr/lib/postgresql/*/lib/llvmjit*' '/usr/lib/postgresql/*/lib/bitcode/*' \
    >"$root/etc/dpkg/dpkg.cfg.d/lean"
  rm -rf "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/locale/* "$root"/usr/share/info/*
  from=$root
else
  base=$1 users=$2 after=$3
  shift 3
  mkdir "$work/lower" "$work/upper" "$work/overlay"
  tar -C "$work/lower" -xzf "$base/layer.tar.gz"
  mount -t overlay overlay -o "lowerdir=$work/lower,upperdir=$work/upper,workdir=$work/overlay" "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  # apt needs the network as this machine knows it; neither file gets into the image.
  cp /etc/resolv.conf /etc/hosts "$root/etc/"
  printf '%s\n' "$users" | while read -r name uid gid; do
    [ -n "$name" ] || continue
    chroot "$root" groupadd -g "$gid" "$name"
    chroot "$root" useradd -M -r -s /bin/sh -d "/var/lib/$name" -u "$uid" -g "$gid" "$name"
  done
  chroot "$root" apt-get -qq -o Acquire::Languages=none update >&2
  chroot "$root" apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install "$@" >&2
  [ -z "$after" ] || chroot "$root" sh -euc "$after" >&2
  from=$work/upper
  # Overlay marks deleted files with devices; what an image cannot delete may stay.
  find "$from" -type c -exec rm -f {} +
fi
tar -C "$from" --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' --exclude='./tmp/*' --exclude='./var/lib/apt/lists/*' --exclude='./var/cache/*' \
  --exclude=./etc/resolv.conf --exclude=./etc/hosts --exclude=./etc/machine-id --numeric-owner -cf "$work/layer.tar" .
sum() { sha256sum | cut -d ' ' -f 1; }
sum <"$work/layer.tar" >"$out/diff-id"
gzip -1n "$work/layer.tar"
mv "$work/layer.tar.gz" "$out/layer.tar.gz"
sum <"$out/layer.tar.gz" >"$out/digest"
