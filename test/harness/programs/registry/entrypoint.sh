#!/bin/sh
# The contract of the official image, written anew: https://hub.docker.com/_/registry
set -e
case $1 in *.yaml | *.yml) set -- registry serve "$@" ;; serve | garbage-collect | help | -*) set -- registry "$@" ;; esac
exec "$@"
