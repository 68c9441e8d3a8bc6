import type { Transport } from './transport';
import type { LogOptions } from './types';

/** Passes a container's log on as it comes. Resolves at its end, or when the signal ends it. */
export async function readLogs(transport: Transport, pod: { namespace: string; name: string; container?: string }, options: LogOptions, onText: (text: string) => void): Promise<void> {
  const what = `read the log of pod ${pod.name}`;
  const flag = (value: boolean | undefined): string | undefined => (value === true ? 'true' : undefined);
  const request = {
    what, signal: options.signal, path: `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/log`,
    query: {
      container: pod.container, follow: flag(options.follow), previous: flag(options.previous), timestamps: flag(options.timestamps),
      ...(options.tailLines !== undefined && { tailLines: String(options.tailLines) }),
    },
  };
  try {
    const { body, end } = await transport.stream(request);
    const decoder = new TextDecoder();
    const show = (text: string): void => { if (text !== '') onText(text); };
    try {
      for await (const chunk of body) show(decoder.decode(chunk, { stream: true }));
      show(decoder.decode());
    } finally { end(); }
  } catch (error) {
    if (!options.signal?.aborted) throw transport.failure(error, request);
  }
}
