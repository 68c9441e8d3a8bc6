/** What failed and, where the error says so, what to do. */
export function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'hint' in error && typeof error.hint === 'string' && error.hint !== '' ? `${error.message} ${error.hint}` : error.message;
}
