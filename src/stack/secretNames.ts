/** Names that say "this is a secret", and those that only look like it. */
const secretName = /PASS(WORD|WD|PHRASE)?\b|PASS(WORD|WD|PHRASE)|(^|_)(PASS|PWD|PW|SECRET|TOKEN|SALT|CREDENTIALS?|AUTH|DSN|JWT|KEY|APIKEY)(_|$|S$)|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|ENCRYPTION|_KEY(_|$)|KEY_BASE|_DSN$/i;
/** Names that hold a secret's place, address or duration, and Coolify's own names for hosts. */
const noSecretName = /^(SERVICE_(NAME|FQDN|URL)|COOLIFY)_|_(PATH|FILE|DIR|HOST|HOSTNAME|PORT|NAME|ENABLED|DISABLED|ALGORITHM|LENGTH|EXPIRY|EXPIRES?_?IN|EXPIRATION|TTL|LIFETIME|DURATION|TYPE|METHOD|HEADER)$/i;
const credentialsInUrl = /[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i;

/** Texts that are nothing but secrets: private keys, and tokens that say by their beginning whose they are. */
const secretText = /-----BEGIN [A-Z ]*PRIVATE KEY-----|^(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|sk_(live|test)_\w{16,}|sk-[\w-]{20,}|xox[abprs]-[\w-]{10,}|AKIA[A-Z0-9]{16}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+)$/;

/** True when a value must not stand outside a Secret: its name says so, it is a key or a token, or a URL with a password in it. */
export function looksSecret(name: string, value: string): boolean {
  if (value === '' || /^(true|false|yes|no|on|off)$/i.test(value)) return false;
  // A number is a port or a duration, unless the name says plainly that it is a password.
  if (/^\d{1,5}$/.test(value)) return /PASSWORD|PASSWD|SECRET|(PASS|PASSPHRASE|PWD|TOKEN)$/i.test(name) && !noSecretName.test(name);
  return credentialsInUrl.test(value) || secretText.test(value) || (secretName.test(name) && !noSecretName.test(name));
}

const secretFlag = /^--?(requirepass|masterauth|password|passwd|pass|[a-z-]*-(password|passwd|secret|token)|secret|token|api-?key|secret-key|auth-token)$/i;

/** Values that a command gives as a password: `--requirepass VALUE`, `--password=VALUE`, `redis://:VALUE@host`. References to variables are none. */
export function secretsInWords(words: readonly string[]): string[] {
  const found = words.flatMap((word, index) => {
    const [flag = '', ...rest] = word.split('=');
    const after = rest.length > 0 ? rest.join('=') : words[index + 1] ?? '';
    const inUrl = /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:([^\s/@]+)@/i.exec(word)?.[1];
    return [...(secretFlag.test(flag) ? [after] : []), ...(inUrl === undefined ? [] : [inUrl])];
  });
  return found.filter((value) => !/^[-/$]|\$[({A-Za-z_]/.test(value));
}

const passwordLine = /^[^\S\n]*(?:-[^\S\n]+)?(?:export\s+)?["']?[\w.-]*(?:password|passwd|secret|token|api[_-]?key|private[_-]?key)["']?\s*[:=][^\S\n]*["']?([^\s"'$\x7b<%/#,;]{4,})/gim;

/** True for a configuration file that gives a password in plain text: `password: …`, `api_key = …`, a private key, a URL with a password. */
export function holdsPassword(content: string): boolean {
  if (content.includes('PRIVATE KEY-----')) return true;
  if ([...content.matchAll(/[a-z][a-z0-9+.-]*:\/\/[^\s/:@'"]*:([^\s/@'"]+)@/gi)].some(([, password = '']) => !/[$\x7b<%]/.test(password))) return true;
  return [...content.matchAll(passwordLine)].some(([, value = '']) => !/^(true|false|null|none|yes|no|on|off|\d{1,5}|enabled|disabled|required|optional|string)$/i.test(value));
}
