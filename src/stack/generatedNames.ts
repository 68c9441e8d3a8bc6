/**
 * Names that Compose gives to containers, `{project}-{service}-1`, as far as the file names them: Docker's DNS answers to them.
 * What the project is called where it runs the file alone does not tell.
 */
export function generatedNames(text: string, services: readonly string[]): Map<string, string[]> {
  const result = new Map<string, string[]>();
  const longestFirst = [...services].sort((a, b) => b.length - a.length);
  for (const name of new Set(text.match(/(?<![\w./:-])[a-z0-9][a-z0-9_-]*-1(?![\w./-])|(?<=[@/])[a-z0-9][a-z0-9_-]*-1(?=[:/\s"']|$)/gm) ?? [])) {
    if (services.includes(name)) continue;
    const service = longestFirst.find((candidate) => name.endsWith(`-${candidate}-1`));
    if (service !== undefined) result.set(service, [...result.get(service) ?? [], name]);
  }
  return result;
}
