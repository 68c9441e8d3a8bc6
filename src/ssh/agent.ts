import { BaseAgent, createAgent, type IdentityCallback, type ParsedKey, type PublicKeyEntry, type SignCallback, type SigningRequestOptions, utils } from 'ssh2';

type AnyKey = string | Buffer | ParsedKey;

/** The public part of whatever an agent lists, as SSH sends it; undefined for what ssh2 cannot use: certificates and hardware keys. */
function publicPart(entry: AnyKey | PublicKeyEntry): Buffer | undefined {
  const key = keyOf(entry);
  const parsed = utils.parseKey(key);
  return parsed instanceof Error ? undefined : parsed.getPublicSSH();
}

/** An agent may list keys bare, or with a comment around them. */
function keyOf(entry: AnyKey | PublicKeyEntry): AnyKey {
  if (typeof entry === 'string' || Buffer.isBuffer(entry) || !('pubKey' in entry)) return entry;
  return 'pubKey' in entry.pubKey ? entry.pubKey.pubKey : entry.pubKey;
}

/**
 * An agent that offers first the keys that are configured for the host, and with `only` no others:
 * a server ends the connection after MaxAuthTries offers, and an agent may hold more keys than that.
 */
export class OrderedAgent extends BaseAgent {
  private readonly agent: BaseAgent;

  /** @param preferred public parts, in order. */
  constructor(socketPath: string, private readonly preferred: readonly Buffer[], private readonly only: boolean) {
    super();
    this.agent = createAgent(socketPath);
  }

  getIdentities(callback: IdentityCallback<AnyKey>): void {
    this.agent.getIdentities((error, keys) => {
      if (error != null || keys === undefined) { callback(error ?? new Error('The agent lists no keys.')); return; }
      const ranked = keys.flatMap((key) => {
        const part = publicPart(key);
        const rank = part === undefined ? -1 : this.preferred.findIndex((one) => one.equals(part));
        return part === undefined || (this.only && rank < 0) ? [] : [{ key, rank: rank < 0 ? this.preferred.length : rank }];
      });
      callback(null, ranked.sort((a, b) => a.rank - b.rank).map(({ key }) => keyOf(key)));
    });
  }

  sign(key: AnyKey, data: Buffer, options: SigningRequestOptions | SignCallback, callback?: SignCallback): void {
    if (typeof options === 'function') this.agent.sign(key, data, options);
    else this.agent.sign(key, data, options, callback);
  }
}

/** The public parts that an agent holds; empty when it does not answer. */
export function identitiesOf(socketPath: string): Promise<Buffer[]> {
  return new Promise((resolve) => {
    createAgent(socketPath).getIdentities((error, keys) => { resolve(error != null ? [] : (keys ?? []).flatMap((key) => publicPart(key) ?? [])); });
  });
}
