#!/bin/sh
# The contract of the official image, written anew: https://hub.docker.com/_/redis
set -eu
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then set -- redis-server "$@"; fi
if [ "$1" = redis-server ]; then
  if [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis {} +
    exec setpriv --reuid=redis --regid=redis --init-groups "$0" "$@"
  fi
  # The official build answers other machines even without a password. A configuration file comes first, and later options win.
  shift
  case ${1:--} in
    -*) set -- --protected-mode no "$@" ;;
    *) file=$1; shift; set -- "$file" --protected-mode no "$@" ;;
  esac
  exec redis-server "$@"
fi
exec "$@"
