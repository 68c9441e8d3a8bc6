#!/bin/sh
# The contract of the official image, written anew: https://hub.docker.com/_/rabbitmq
# RABBITMQ_DEFAULT_USER, _PASS and _VHOST are read by the server itself.
set -eu
case $1 in
  rabbitmq*)
    if [ "$(id -u)" = 0 ]; then
      [ "$1" != rabbitmq-server ] || find /var/lib/rabbitmq \! -user rabbitmq -exec chown rabbitmq {} +
      exec setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups "$0" "$@"
    fi
    ;;
esac
exec "$@"
