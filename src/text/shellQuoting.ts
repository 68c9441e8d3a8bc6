/**
 * Quotes one value as one POSIX shell word. The only quoting function of the project.
 * @throws when the value holds a NUL byte, which no argument can carry.
 */
export function quote(value: string): string {
  if (value.includes('\0')) throw new Error('A value that holds a NUL byte cannot be passed to a command.');
  return `'${value.replaceAll("'", "'\\''")}'`;
}
