import { gitTransport } from '../../text/gitTransport';

/** In a script: Docker as it was signed in, if it was. By an option, since sudo passes no environment on; the environment is for the packs that call it themselves. */
const signedIn = 'if [ -d "$(cat private)/docker" ]; then DOCKER_CONFIG=$(cat private)/docker; export DOCKER_CONFIG; set -- "$@" --config "$DOCKER_CONFIG"; fi\n';

/** The shell texts of a build: static, POSIX sh. Values come as positional parameters, or from the run's private folder. */
export const buildScripts: Record<string, string> = {
  // $1 whether an image that is there is used, $2 whether it may be in a registry, $3 image, docker…; exit 3: has to be made
  'image.sh': String.raw`
use=$1; registry=$2; image=$3; shift 3
${signedIn}[ "$use" = yes ] || { echo 'Built anew, as the resource asks.'; exit 3; }
if "$@" image inspect "$image" >/dev/null 2>&1; then echo 'It is there; the build is skipped.'; exit 0; fi
if [ "$registry" = yes ] && "$@" pull -q "$image" >/dev/null 2>&1; then echo 'It is in the registry; the build is skipped.'; exit 0; fi
"$@" version >/dev/null || exit 1
echo 'It has to be built.'
exit 3
`,
  // $1 number, $2 repository, $3 branch, $4 commit, $5 submodules, $6 lfs, $7 shallow
  'source.sh': String.raw`
n=$1; repository=$2; branch=$3; commit=$4; submodules=$5; lfs=$6; shallow=$7
private=$(cat private); here=$(pwd)
hosts=$private/build-$n.hosts; key=$private/build-$n.key; remembered=$here/../../known_hosts
${gitTransport}rm -rf "source.$n"; mkdir "source.$n" && cd "source.$n" && git init -q . && git remote add origin -- "$repository" || exit 1
depth=; [ "$shallow" = no ] || depth=--depth=1
case $commit in HEAD) wanted=refs/heads/$branch ;; *) wanted=$commit ;; esac
# Not every server gives out a commit by its name; then the whole branch is fetched.
if git fetch -q --no-tags $depth origin "$wanted"; then git checkout -q --detach FETCH_HEAD || exit 1
else
  git fetch -q --no-tags origin "refs/heads/$branch" || { echo "The branch or commit cannot be fetched."; exit 1; }
  git checkout -q --detach "$commit" -- || exit 1
fi
echo "At commit $(git rev-parse HEAD)."
if [ "$lfs" = yes ] && git lfs version >/dev/null 2>&1; then git lfs pull || exit 1; fi
if [ "$submodules" = yes ] && [ -e .gitmodules ]; then git submodule update -q --init --recursive $depth || exit 1; fi
rm -rf .git
`,
  // $1 number, $2 pack, $3 image, $4 base directory, $5 context, $6 Dockerfile, $7 target, $8 platform, $9 no cache, secrets, ARG lines, static output or empty, docker…
  'build.sh': String.raw`
n=$1; pack=$2; image=$3; base=$4; context=$5; dockerfile=$6; target=$7; platform=$8; fresh=$9; shift 9
secrets=$1; inject=$2; output=$3; shift 3
private=$(cat private); here=$(pwd)
${signedIn}work=$here/source.$n; mkdir -p "$work"
directory=$work/$base/$context
# A link in the repository must not lead the build out of it.
case $(cd "$directory" 2>/dev/null && pwd -P)/ in "$(cd "$work" && pwd -P)"/*) ;; *) echo "There is no directory $base/$context in the repository."; exit 66 ;; esac
. "$private/build-$n.options"
# A layer that did not fit is gone by now; what is left is still next to nothing.
failed() {
  root=$("$@" info --format '{{.DockerRootDir}}' 2>/dev/null)
  [ -z "$root" ] || df -Pk -- "$root" 2>/dev/null | awk -v root="$root" 'NR == 2 && $4 < 65536 { print "The disk of Docker is full: " root " has " $4 " KiB left (" $6 ")." }'
}
names=
variable() {
  if [ "$3" = exported ]; then names="$names $1"; else echo "The variable $1 means something to Docker itself and is left out of the build."; fi
}
. "$private/build-$n.env"
case $pack in
  inline) cp "$private/build-$n.dockerfile" "$directory/Dockerfile"; file=$directory/Dockerfile ;;
  static) file= ;;
  nixpacks|railpack) file=; command -v "$pack" >/dev/null 2>&1 || { echo "$pack is not installed on this server."; exit 69; } ;;
  *) file=$directory/$dockerfile; [ -f "$file" ] || { echo "There is no file $dockerfile in the repository."; exit 66; } ;;
esac
if [ "$inject" = yes ] && [ -n "$file" ]; then
  awk -v names="$names" '{ print } tolower($1) == "from" { count = split(names, list, " "); for (i = 1; i <= count; i++) print "ARG " list[i] }' "$file" >"$file.arguments" && file=$file.arguments
fi
(
  # "$@" grows from docker's own words to the whole command.
  case $pack in
    static) exit 0 ;;
    nixpacks)
      made=$image; [ -z "$output" ] || made=$image-build
      set -- nixpacks build "$directory" --name "$made" --no-error-without-start
      [ -z "$install" ] || set -- "$@" --install-cmd "$install"
      [ -z "$compile" ] || set -- "$@" --build-cmd "$compile"
      [ -z "$start" ] || set -- "$@" --start-cmd "$start"
      for name in $names; do set -- "$@" --env "$name"; done ;;
    railpack)
      set -- railpack build --name "$image"
      [ -z "$compile" ] || set -- "$@" --build-cmd "$compile"
      [ -z "$start" ] || set -- "$@" --start-cmd "$start"
      for name in $names; do set -- "$@" --env "$name"; done
      set -- "$@" "$directory" ;;
    *)
      set -- "$@" build -t "$image" -f "$file"
      [ -z "$target" ] || set -- "$@" --target "$target"
      [ -z "$platform" ] || set -- "$@" --platform "$platform"
      [ "$fresh" = no ] || set -- "$@" --no-cache
      if [ "$secrets" = yes ]; then
        export DOCKER_BUILDKIT=1
        for name in $names; do set -- "$@" --secret "id=$name,env=$name"; done
      else for name in $names; do set -- "$@" --build-arg "$name"; done
      fi
      set -- "$@" --network host "$directory" ;;
  esac
  # The values come last, so that none can change what this script works with; the command names them only.
  variable() { [ "$3" != exported ] || eval "export $1=\$2"; }
  . "$private/build-$n.env"
  exec "$@"
) || { code=$?; failed "$@"; exit "$code"; }
if [ -n "$output" ]; then
  site=build.$n.site; rm -rf "$site"; mkdir "$site"
  cp "$private/build-$n.nginx" "$site/nginx.conf"
  if [ "$pack" = nixpacks ]; then copy="COPY --from=$image-build /app/$output ."; else copy='COPY site .'; cp -R "$directory/$output" "$site/site" || exit 66; fi
  printf 'FROM %s\nWORKDIR /usr/share/nginx/html/\n%s\nCOPY nginx.conf /etc/nginx/conf.d/default.conf\n' "$(cat "$private/build-$n.base")" "$copy" >"$site/Dockerfile"
  "$@" build -t "$image" "$site" || { code=$?; failed "$@"; exit "$code"; }
fi
rm -rf "source.$n" "build.$n.site"
`,
  // $1 host, $2 user, docker…; the password on stdin
  'registry.sh': String.raw`
host=$1; user=$2; shift 2
config=$(cat private)/docker; mkdir -p "$config"
# What the server's own configuration knows is kept, unless it would hand the password on to a store of its own.
own=${'${DOCKER_CONFIG:-$HOME/.docker}'}
if [ -f "$own/config.json" ] && ! grep -Eq '"cred(sStore|Helpers)"' "$own/config.json"; then cp -- "$own/config.json" "$config/config.json" && chmod 600 "$config/config.json"; fi
[ ! -d "$own/cli-plugins" ] || ln -s "$own/cli-plugins" "$config/cli-plugins"
exec "$@" --config "$config" login --username "$user" --password-stdin "$host"
`,
  // $1 image, docker…
  'push.sh': String.raw`
image=$1; shift
${signedIn}try=1
while ! "$@" push "$image" >push.log 2>&1; do
  cat push.log
  # What a registry answers to a wrong password does not change by asking again.
  if [ "$try" -ge 3 ] || ! grep -Eqi '429|5[0-9][0-9] |too many requests|timeout|connection re' push.log; then exit 1; fi
  sleep $((try * 5)); try=$((try + 1))
done
tail -n 1 push.log
`,
};
