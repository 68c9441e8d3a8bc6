import { type Connection, readScript, type ScriptOptions, SshError } from '../ssh';

/**
 * In a script: `askpass FOLDER PASSWORD` sets `how`, the option with which sudo is then called. With a password sudo asks a program that prints a file
 * which only this account can read, so that no command line and no environment holds it and the standard input stays the command's own.
 */
export const askpass = String.raw`
askpass() {
  how=-n
  [ -n "$2" ] || return 0
  printf '%s\n' "$2" >"$1/sudo-password" && printf '#!/bin/sh\nexec cat "%s/sudo-password"\n' '${'${0%/*}'}' >"$1/askpass" && chmod 700 "$1/askpass" || return 1
  # A folder from which nothing may be run is of no use.
  "$1/askpass" >/dev/null 2>&1 || return 1
  SUDO_ASKPASS=$1/askpass; export SUDO_ASKPASS; how=-A
}
# Makes a folder of its own for this script, gone at its end. $1 name, $2 password.
own_folder() {
  for base in /dev/shm "${'${TMPDIR:-/tmp}'}" "$HOME"; do
    dir=$(mktemp -d "$base/$1.XXXXXXXX" 2>/dev/null) || { dir=; continue; }
    askpass "$dir" "$2" && break
    rm -rf -- "$dir"; dir=
  done
  [ -n "$dir" ] || { echo 'no temporary folder can be made in /dev/shm, /tmp or the home folder' >&2; exit 70; }
  trap 'rm -rf -- "$dir"' EXIT
  trap 'exit 129' HUP INT TERM
}
`;

/** $1 password or nothing. Prints one word. */
const checkScript = String.raw`
export LC_ALL=C
[ "$(id -u)" -ne 0 ] && command -v sudo >/dev/null 2>&1 || { echo works; exit 0; }
said=$(sudo -n true 2>&1 >/dev/null) && { echo free; exit 0; }
if [ -n "$1" ]; then said=$(printf '%s\n' "$1" | sudo -k -S -p '' -v 2>&1) && { echo works; exit 0; }; fi
case $said in
  *'must have a tty'*) echo tty ;;
  *'not in the sudoers'* | *'may not run'* | *'not allowed'*) echo denied ;;
  *) if [ -n "$1" ]; then echo wrong; else echo password; fi ;;
esac
`;

const attempts = 3;

/**
 * Finds out whether sudo works, and asks for its password where it wants one; the connection remembers both. Servers lock an account after some
 * wrong answers, so it is asked three times at most.
 */
export async function prepareSudo(connection: Connection, signal?: AbortSignal): Promise<void> {
  const { sudo } = connection;
  if (sudo === undefined || sudo.works === true) return;
  let password = '';
  for (let count = 0; ; count++) {
    const { exit, stdout } = await readScript(connection, checkScript, [password], signal && { signal });
    if (exit.kind === 'lost') throw new SshError('lost', `The connection to ${connection.host} was lost.`, 'Connect again.');
    const answer = stdout.trim();
    if (answer === 'works' || answer === 'free') {
      sudo.works = true;
      delete sudo.refusal;
      if (answer === 'works' && password !== '') sudo.password = password;
      return;
    }
    sudo.refusal = refusals[answer] ?? refusals['denied'] ?? '';
    if ((answer !== 'password' && answer !== 'wrong') || count === attempts) return;
    const typed = await sudo.ask(answer === 'wrong');
    if (typed === undefined || typed === '') return;
    password = typed;
  }
}

const refusals: Record<string, string> = {
  tty: 'sudo demands a terminal (requiretty), which a deployment has not: add "Defaults:USER !requiretty" to the sudoers of the server',
  denied: 'this account may not use sudo',
  password: 'sudo asks for a password',
  wrong: 'the password is not the one that sudo asks for',
};

/** The words that stand before a command for root: without a password, or with one that `askpass` gives. */
export function sudoWords({ sudo }: Pick<Connection, 'sudo'>): string[] {
  return ['sudo', sudo?.password === undefined ? '-n' : '-A'];
}

/** Runs words on a server, `sudo` among them if need be, and returns what was printed. */
export function runWords(connection: Connection, words: readonly string[], options: ScriptOptions = {}): ReturnType<typeof readScript> {
  return runScriptWithSudo(connection, options.stdin === undefined ? '"$@"' : '"$@" <&3', words, options);
}

/** Runs a script whose words may begin with `sudo -A`. */
export function runScriptWithSudo(connection: Connection, script: string, args: readonly string[], options: ScriptOptions = {}): ReturnType<typeof readScript> {
  const password = connection.sudo?.password;
  if (password === undefined) return readScript(connection, script, args, options);
  return readScript(connection, `umask 077\n${askpass}\nown_folder coolify-kubernetes-sudo "$1"; shift\n${script}`, [password, ...args], options);
}
