import { loadCore, loadRemote } from './bundles';

/** Whole lines, without terminal escapes and masked: in this order, since an escape may stand inside a secret. */
export function lineReader(show: (line: string) => void, secrets: readonly string[]): { push: (text: string) => void; end: () => void } {
  const { sanitise } = loadRemote();
  const { maskText } = loadCore();
  const clean = (line: string): string => sanitise(line, (text) => maskText(text, secrets));
  let rest = '';
  return {
    push: (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) show(clean(line));
    },
    end: () => { if (rest !== '') show(clean(rest)); },
  };
}
