#!/bin/sh
# Installs MotionGateway from the unpacked archive around this file, as services of systemd. Run it as root.
# An earlier version stays beside it, and files in /etc/motiongateway are left as they are. Nothing is started.
#   --root DIR   Install into a tree such as an image's: no users are made, and systemd is not told.
set -eu
umask 022
root=""
if [ $# -eq 2 ] && [ "$1" = --root ]; then
  root=${2%/}
elif [ $# -gt 0 ]; then
  echo "usage: install.sh [--root DIR]" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
version=$(cat "$here/VERSION")
programs=$root/opt/motiongateway
settings=$root/etc/motiongateway

# A directory for what only one service may read: NAME USER.
private_directory() {
  if [ -n "$root" ]; then
    install -d -m 0700 "$settings/$1"
  else
    install -d -m 0700 -o "$2" -g "$2" "$settings/$1"
  fi
}

# A settings file, unless there is one: NAME MODE.
settings_file() {
  [ -e "$settings/$1" ] || install -m "$2" "$here/systemd/$1" "$settings/$1"
}

# Each version has a directory of its own: what runs goes on from the one that it was started from.
if [ ! -d "$programs/$version" ]; then
  install -d "$programs"
  rm -rf "$programs/.$version"
  cp -r "$here" "$programs/.$version"
  chmod -R a+rX,go-w "$programs/.$version"
  mv "$programs/.$version" "$programs/$version"
fi
ln -sfn "$version" "$programs/current"
install -d "$root/usr/local/bin"
ln -sfn /opt/motiongateway/current/motiongateway "$root/usr/local/bin/motiongateway"

install -D -m 0644 "$here/systemd/motiongateway.sysusers.conf" "$root/usr/lib/sysusers.d/motiongateway.conf"
[ -n "$root" ] || systemd-sysusers motiongateway.conf
install -d "$settings"
settings_file gateway.json 0644
settings_file relay.json 0644
settings_file gateway.env 0600
private_directory gateway motiongateway
private_directory relay motiongateway-relay

install -d "$root/etc/systemd/system"
install -m 0644 "$here"/systemd/*.service "$root/etc/systemd/system"
[ -n "$root" ] || systemctl daemon-reload
echo "MotionGateway $version is installed. What a service runs stays what it is until 'systemctl restart'."
