/**
 * What scripts send back: `\n<nonce> <name>\n<content>` for each section. The nonce is made by the caller for one call,
 * so no name or text on the server or in the cluster can be taken for a header.
 * @throws nothing; a section that never arrived is absent.
 */
export function sections(text: string, nonce: string): Map<string, string> {
  const found = new Map<string, string>();
  // What stands before the first header is nobody's.
  for (const part of text.split(`\n${nonce} `).slice(1)) {
    const end = part.indexOf('\n');
    if (end >= 0) found.set(part.slice(0, end), part.slice(end + 1));
  }
  return found;
}

/** Where kubectl, docker and the like live on servers whose login gives a bare PATH. */
export const widerPath = [
  '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin', '/snap/bin', '/opt/bin',
  '/var/lib/rancher/rke2/bin', '/run/current-system/sw/bin', '/nix/var/nix/profiles/default/bin',
].join(':');
