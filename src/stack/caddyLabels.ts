/** One site of caddy-docker-proxy's labels, as far as Coolify writes them. */
export interface CaddySite { urls: string[]; path: string; strip: boolean; port?: number; gzip: boolean; redirect: 'both' | 'www' | 'non-www'; noindex: boolean; basicAuth?: { username: string; hash: string } }

/** Sites by their number (`caddy_0`), and labels that are not carried over. */
export function readCaddyLabels(labels: readonly string[]): { sites: CaddySite[]; unknown: string[] } {
  const sites = new Map<string, CaddySite>();
  const unknown: string[] = [];
  for (const label of labels) {
    const match = /^(caddy(?:_\d+)?)(?:\.([^=]+))?=(.*)$/s.exec(label);
    if (match === null) { if (!label.startsWith('caddy_ingress_network')) unknown.push(label.split('=')[0] ?? label); continue; }
    const [, id = '', key = '', value = ''] = match;
    const site = sites.get(id) ?? { urls: [], path: '/', strip: true, gzip: false, redirect: 'both', noindex: false };
    sites.set(id, site);
    if (!setSite(site, key, value)) unknown.push(`${id}.${key}`);
  }
  return { sites: [...sites.values()].filter((site) => site.urls.length > 0), unknown };
}

function setSite(site: CaddySite, key: string, value: string): boolean {
  if (key === '') { site.urls = value.split(',').map((url) => url.trim()).filter((url) => url !== ''); return true; }
  if (key === 'handle' || key === 'handle_path') {
    site.path = value.replace(/\*$/, '') || '/';
    site.strip = key === 'handle_path';
    return true;
  }
  const port = /^handle(?:_path)?\.\d+_reverse_proxy$/.test(key) || key === 'reverse_proxy' ? /\{\{upstreams(?:\s+(?:https?\s+)?(\d+))?\}\}/.exec(value) : null;
  if (port !== null) { if (port[1] !== undefined) site.port = Number(port[1]); return true; }
  const user = /^basic_?auth\.(.+)$/.exec(key)?.[1];
  if (user !== undefined) { site.basicAuth = { username: user, hash: `${user}:${value.replace(/^"|"$/g, '')}` }; return true; }
  if (key === 'redir') { site.redirect = /:\/\/www\./.test(value) ? 'www' : 'non-www'; return true; }
  if (key === 'encode') { site.gzip = true; return true; }
  if (/^header/.test(key)) { if (/noindex/.test(value)) site.noindex = true; return /^(-Server|.*noindex.*)$/.test(value); }
  return key === 'try_files';
}
