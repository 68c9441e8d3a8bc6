import fc from 'fast-check';

/**
 * What was used against Coolify and its neighbours, field by field: git, compose, storage, database, environment, health check, build options,
 * nested commands, SSH, images; and what breaks POSIX quoting under fish and tcsh. `touch` leaves the trace that a test looks for;
 * it has its path, since a login may have no PATH.
 */
export function hostilePayloads(canary: string, touch = `/bin/touch ${canary}`): string[] {
  return [
    `main;${touch}`, `$(${touch})`, `\`${touch}\``, "a'b", `--upload-pack=${touch}`, `ext::sh -c ${touch}`, `ssh://-oProxyCommand=${touch}/x`, 'file:///etc', '-b', `a\n${touch}\n`,
    `a$(${touch})`, `./x;${touch}:/y`, '${IFS}', `\${IFS}${touch}`, '../../etc/x', '-rf', '--', '~root', '~', '/', `db"$(${touch})`, "db'--", '“quotes” ‘too’', `A;${touch}`, 'A=B', `A\n${touch}`,
    'LD_PRELOAD=/tmp/x', 'PATH=', 'BASH_ENV=/tmp/x', `';${touch};'`, `";${touch};"`, `localhost;${touch}`, `/x\n${touch}`, `80;${touch}`, '--privileged', '-v /:/host', `--build-arg A=$(${touch})`,
    `text\nEOF\n${touch}\n`, `'; ${touch}; '`, `a\\'; ${touch} #`, `\\'; ${touch}; \\'`, `-oProxyCommand=${touch}`, 'a@b', '::1%eth0', '0x16', `img;${touch}`, 'img:tag@sha256:', `<img onerror=${touch}>`,
    '[x](command:y)', 'name\n', 'name\r', 'name\u2028', '\u202e', `&${touch}&`, `|${touch}`, `>${canary}`, `<(${touch})`, `(${touch})`, '}', `}\n${touch}\n{`, `} </dev/null\n${touch}`, `fi; ${touch}`, `%s%n$0 $1 $@ $$ $!`,
    '!!', '!-1', '^a^b', '*', '?', '[a-z]', '{a,b}', '\\', '\\\\', '\\n', '#', 'a #b', '', ' ', '\t', '\n', '\r\n', '"', "'", "''", '""', '$', '`', 'ü𝄞', '\u0001\u001b[31m', 'x'.repeat(20_000),
  ];
}

/** Random words, every character allowed that a word can hold; the same in every run. */
export function randomWords(count: number): string[] {
  const word = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ unit: fc.constantFrom(...'\'"`$\\;&|<>(){}[]!#*?~ \n\t-=%@^,a'), maxLength: 40 }))
    .map((text) => Buffer.from(text.replaceAll('\0', '')).toString());
  return fc.sample(word, { numRuns: count, seed: 20 });
}
