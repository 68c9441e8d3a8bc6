import type { Container, Route } from '../../model/stack';

const pathOf = (route: Route): string => (route.path === '' ? '/' : route.path);

/** The redirect that a domain needs: none when its host has the wanted form already. */
function wwwRedirect(route: Route): 'www' | 'non-www' | undefined {
  const isWww = route.host.startsWith('www.');
  return route.redirect === 'www' && !isWww ? 'www' : route.redirect === 'non-www' && isWww ? 'non-www' : undefined;
}

/** Coolify's labels for Traefik (`fqdnLabelsForTraefik`). Passwords are hashed anew at each generation there, so no hash stands here. */
export function traefikLabels(container: Container, uuid: string): string[] {
  const labels = new Set(['traefik.enable=true', 'traefik.http.middlewares.redirect-to-https.redirectscheme.scheme=https']);
  container.routes.forEach((route, index) => {
    const rule = `Host(\`${route.host}\`) && PathPrefix(\`${pathOf(route)}\`)`;
    const names = middlewares(route, index, uuid, labels);
    const router = (name: string, entry: 'http' | 'https', used: readonly string[]): void => {
      labels.add(`traefik.http.routers.${name}.entryPoints=${entry}`).add(`traefik.http.routers.${name}.rule=${rule}`);
      if (used.length > 0) labels.add(`traefik.http.routers.${name}.middlewares=${used.join(',')}`);
      if (route.port !== undefined) labels.add(`traefik.http.routers.${name}.service=${name}`).add(`traefik.http.services.${name}.loadbalancer.server.port=${String(route.port)}`);
      if (entry === 'https') labels.add(`traefik.http.routers.${name}.tls=true`).add(`traefik.http.routers.${name}.tls.certresolver=letsencrypt`);
    };
    if (route.scheme === 'https') router(`https-${String(index)}-${uuid}`, 'https', names);
    router(`http-${String(index)}-${uuid}`, 'http', route.scheme === 'https' && route.forceHttps ? ['redirect-to-https'] : names);
  });
  return [...labels].sort();
}

/** Names in Coolify's order: strip prefix, gzip, www, basic auth, noindex; their definitions go to `labels`. */
function middlewares(route: Route, index: number, uuid: string, labels: Set<string>): string[] {
  const names: string[] = [];
  const define = (name: string, ...options: string[]): void => {
    names.push(name);
    for (const option of options) labels.add(`traefik.http.middlewares.${name}.${option}`);
  };
  if (route.stripPrefix && pathOf(route) !== '/') define(`${route.scheme}-${String(index)}-${uuid}-stripprefix`, `stripprefix.prefixes=${pathOf(route)}`);
  if (route.gzip) define('gzip', 'compress=true');
  const redirect = wwwRedirect(route);
  const number = `${String(index)}-${uuid}`;
  if (redirect === 'www') define(`${number}-to-www`, 'redirectregex.regex=^(http|https)://(?:www\\.)?(.+)', 'redirectregex.replacement=$${1}://www.$${2}', 'redirectregex.permanent=false');
  if (redirect === 'non-www') define(`${number}-to-non-www`, 'redirectregex.regex=^(http|https)://www\\.(.+)', 'redirectregex.replacement=$${1}://$${2}', 'redirectregex.permanent=false');
  if (route.basicAuth !== undefined) define(`http-basic-auth-${uuid}`);
  if (route.noindex) define(`${number}-noindex`, 'headers.customresponseheaders.X-Robots-Tag=noindex, nofollow');
  return names;
}

/** Coolify's labels for caddy-docker-proxy (`fqdnLabelsForCaddy`). */
export function caddyLabels(container: Container, network: string): string[] {
  const labels = [`caddy_ingress_network=${network}`];
  container.routes.forEach((route, index) => {
    const site = `caddy_${String(index)}`;
    const handle = route.stripPrefix ? 'handle_path' : 'handle';
    const redirect = wwwRedirect(route);
    const url = `${route.scheme}://${route.host}`;
    labels.push(
      `${site}=${route.scheme === 'https' && !route.forceHttps ? `http://${route.host}, ${url}` : url}`, `${site}.header=-Server`, `${site}.try_files={path} /index.html /index.php`,
      `${site}.${handle}=${pathOf(route)}*`, `${site}.${handle}.${String(index)}_reverse_proxy={{upstreams${route.port === undefined ? '' : ` ${String(route.port)}`}}}`,
    );
    if (route.gzip) labels.push(`${site}.encode=zstd gzip`);
    if (redirect === 'www') labels.push(`${site}.redir=${route.scheme}://www.${route.host}{uri}`);
    if (redirect === 'non-www') labels.push(`${site}.redir=${route.scheme}://${route.host.replace(/^www\./, '')}{uri}`);
  });
  return labels.sort();
}
